"""The referee: may whoever sends this do what the API itself names?

A judge finds what a request needs in the API's table of routes. Here the API's own code says it, in
a view: a scope of its own, and the node that it is about. The order of refusals is the same: the
credential and from where it came, the scope, the node; and so is the one state of the books.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from counterfoil.access.caller import Caller
from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.gate.judge import Presented, hold_on, placed
from counterfoil.gate.snapshot import Snapshot
from counterfoil.gate.txn import Txn
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused
from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId
from counterfoil.routing.pattern import Whole

Named: TypeAlias = str | Whole | None
"""A node by the API's own key; None for none in particular, `Whole.ANY` where none matters."""


class Referee:
    """Decides by one look at the replica."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._books: Final = verifier.replica.books
        self._homes: dict[ApiId, OrganizationId] = {}

    def who(self, api: ApiId, presented: Presented, address: str) -> Caller:
        """Return who presents a token in the organization whose the API is.

        Raises:
            Malformed, Refused, Denied, Unserved: as `Verifier.verify` says.
        """
        return self._verifier.look(
            lambda txn, snapshot: self._who(txn, snapshot, api, presented, address)
        )

    def hold(
        self, api: ApiId, presented: Presented, address: str, scope: str, node: Named
    ) -> tuple[Caller, NodeId | None]:
        """Return who presents a token, and the node, if they hold a scope of the API there.

        Raises:
            Malformed, Refused, Denied, Unserved: as `Verifier.verify` and `Grant.permit` say.
        """

        def see(txn: Txn, snapshot: Snapshot) -> tuple[Caller, NodeId | None]:
            caller = self._who(txn, snapshot, api, presented, address)
            wanted = self._books.apis.own(txn, caller.organization, api, scope)
            if node is Whole.ANY:
                caller.grant.hold(wanted)
                return caller, None
            found, on = self._place(txn, caller.organization, api, node)
            hold_on(caller.grant, wanted, on)
            return caller, found

        return self._verifier.look(see)

    def scopes(self, api: ApiId, caller: Caller) -> frozenset[str]:
        """Return the scopes of the API that a caller holds somewhere, by their spelling."""
        held = caller.grant.scopes
        known = self._verifier.look(
            lambda txn, _: self._books.apis.of(txn, caller.organization, api)
        )
        return frozenset(scope.spelling for scope in known if held & scope.bit)

    def _place(
        self, txn: Txn, organization: int, api: int, node: Named
    ) -> tuple[NodeId | None, Lineage]:
        if not isinstance(node, str):
            return None, NOWHERE
        return placed(self._books, txn, organization, api, (node,))

    def _who(
        self, txn: Txn, snapshot: Snapshot, api: ApiId, presented: Presented, address: str
    ) -> Caller:
        if presented is None:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        if isinstance(presented, Malformed | Refused):
            raise presented
        home = self._home(txn, api)
        return self._verifier.stand(txn, snapshot, presented, home, address)[0]

    def _home(self, txn: Txn, api: ApiId) -> OrganizationId:
        """Return whose an API is, which never changes: an id is given once."""
        home = self._homes.get(api)
        if home is None:
            found = self._books.apis.home(txn, api)
            if found is None:
                raise Denied(Code.INSUFFICIENT_SCOPE, "The gate knows no scopes of this API.")
            home = self._homes[api] = OrganizationId(found)
        return home
