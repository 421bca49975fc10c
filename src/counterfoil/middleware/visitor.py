"""Visitors: who sent a request to somebody's application, and what they may there."""

from __future__ import annotations

from typing import Final

import lmdb

from counterfoil.access.caller import Caller, Method
from counterfoil.gate.asked import About, Wanted
from counterfoil.gate.referee import Named
from counterfoil.kernel.errors import Code, CounterfoilError, Unserved
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.middleware.opened import Desk
from counterfoil.routing.pattern import Whole

ANY: Final = Whole.ANY
"""Says to `Visitor.require` that nodes do not matter: whoever holds the scope somewhere may."""

_KINDS: Final = {
    Method.PERSONAL: "personal",
    Method.SERVICE: "service",
    Method.EXCHANGED: "exchanged",
    Method.SESSION: "session",
}


class Visitor:
    """Who sent a request. False where nobody presented a token, and an open route asked for none.

    What it says of itself was so when the request came in. `require` and `may` look again, so what
    was revoked in the meantime is gone.

    Attributes:
        caller: the same as the gate has it; None for nobody.
        request_id: under which the request is on record.
    """

    __slots__ = ("_desk", "_node", "_wanted", "caller", "request_id")

    def __init__(self, desk: Desk, wanted: Wanted) -> None:
        self._desk = desk
        self._wanted = wanted
        self._node: NodeId | None = None
        self.request_id = desk.name()
        self.caller: Caller | None = None

    def let(self, caller: Caller | None, node: NodeId | None) -> None:
        """Say who it is, and which node the route that they took is about."""
        self.caller, self._node = caller, node

    def __bool__(self) -> bool:
        return self.caller is not None

    def __repr__(self) -> str:
        return f"<Visitor {self.token or self.subject or 'nobody'}>"

    @property
    def subject(self) -> str | None:
        """In whose name it is, `usr_…`; None for a token that is nobody's own."""
        caller = self.caller
        return None if caller is None or caller.user is None else spell(Prefix.USER, caller.user)

    @property
    def organization(self) -> str | None:
        """Where it acts, `org_…`: in the organization whose the API is."""
        caller = self.caller
        return None if caller is None else spell(Prefix.ORGANIZATION, caller.organization)

    @property
    def token(self) -> str | None:
        """The token's id, `tok_…`, never its secret."""
        caller = self.caller
        return None if caller is None or caller.token is None else spell(Prefix.TOKEN, caller.token)

    @property
    def token_name(self) -> str | None:
        """What the token is called now."""
        return None if self.caller is None else self.caller.token_name

    @property
    def kind(self) -> str | None:
        """What kind of credential: `personal`, `service`, `exchanged` or `session`."""
        return None if self.caller is None else _KINDS.get(self.caller.method)

    @property
    def scopes(self) -> frozenset[str]:
        """The API's scopes that it holds somewhere; to let somebody in, ask `may`."""
        if self.caller is None:
            return frozenset()
        return self._desk.books.referee.scopes(self._wanted.api, self.caller)

    @property
    def node(self) -> str | None:
        """The node that the request is about, `nod_…`, if its route names one that is known."""
        return None if self._node is None else spell(Prefix.NODE, self._node)

    def require(self, scope: str, *, node: Named = None) -> None:
        """Return if whoever sent the request may do this there, now.

        Args:
            scope: one of the API's own.
            node: by the key that the API told us of; None for what is about no node in particular,
                which is for tokens alone that no root bounds; `ANY` where nodes do not matter.

        Raises:
            CounterfoilError: if not. Let it pass: the middleware answers it.
        """
        try:
            self._hold(scope, node)
        except CounterfoilError as error:
            self.refused(error)
            raise

    def may(self, scope: str, *, node: Named = None) -> bool:
        """Say whether `require` would return. That is a question, and goes on no record.

        Raises:
            Unserved: if that cannot be looked up.
        """
        try:
            self._hold(scope, node)
        except Unserved:
            raise
        except CounterfoilError:
            return False
        return True

    def refused(self, error: CounterfoilError) -> None:
        """Put on record that the request was refused.

        Raises:
            Unserved: it has to be, and cannot be.
        """
        if self._desk.trail is not None:
            self._desk.trail.refuse(error, self._wanted, self.request_id)

    def _hold(self, scope: str, node: Named) -> About:
        try:
            return self._desk.books.referee.hold(self._wanted, scope, node)
        except lmdb.Error:
            raise Unserved(Code.NOT_READY, "The gate cannot look up tokens now.") from None
