"""The referee: may whoever sends this do what the API itself names?

A judge finds what a request needs in the API's table of routes. Here the API's own code says it, in
a view: a scope of its own, and the node that it is about. The order of refusals is the same: the
credential and from where it came, the scope, the node; and so is the one state of the books.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from counterfoil.access.caller import Caller
from counterfoil.access.roots import NOWHERE, Ancestry
from counterfoil.gate.asked import About, Wanted
from counterfoil.gate.judge import whoever
from counterfoil.gate.place import hold_on, home_of, placed
from counterfoil.gate.replica.routes import NO_LIMITS
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.snapshot import Snapshot
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, Refused, Unserved
from counterfoil.kernel.ids import ApiId, NodeId
from counterfoil.routing.pattern import Whole

Named: TypeAlias = str | Whole | None
"""A node by the API's own key; None for none in particular, `Whole.ANY` where none matters."""


class Referee:
    """Decides by one look at the replica."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._books: Final = verifier.replica.books

    def who(self, wanted: Wanted) -> About:
        """Return who presents a token in the organization whose the API is.

        Raises:
            Malformed, Refused, Denied, Unserved: as `Verifier.verify` says.

        What is refused to a good token has an `About` with it, for whoever keeps a trail.
        """

        def see(txn: Txn, snapshot: Snapshot) -> About:
            try:
                return self._who(txn, snapshot, wanted)
            except CounterfoilError as error:
                error.about = self._about(txn, snapshot, wanted, error)
                raise

        return self._verifier.look(see)

    def hold(self, wanted: Wanted, scope: str, node: Named) -> About:
        """Return who presents a token, and the node, if they hold a scope of the API there.

        Raises:
            Malformed, Refused, Denied, Unserved: as `Verifier.verify` and `Grant.permit` say, with
                an `About` as `who` has it.
        """

        def see(txn: Txn, snapshot: Snapshot) -> About:
            known: About | None = None
            try:
                known = self._who(txn, snapshot, wanted)
                caller = known.caller
                asked = self._books.apis.own(txn, caller.organization, wanted.api, scope)
                if node is Whole.ANY:
                    caller.grant.hold(asked)
                    return known
                found, on = self._place(txn, caller.organization, wanted.api, node)
                known = known._replace(node=found)
                hold_on(caller.grant, asked, on)
            except CounterfoilError as error:
                error.about = known or self._about(txn, snapshot, wanted, error)
                raise
            return known

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
    ) -> tuple[NodeId | None, Ancestry]:
        if not isinstance(node, str):
            return None, NOWHERE
        return placed(self._books, txn, organization, api, (node,))

    def _who(self, txn: Txn, snapshot: Snapshot, wanted: Wanted) -> About:
        presented = wanted.presented
        if presented is None:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        if isinstance(presented, Malformed | Refused):
            raise presented
        home = home_of(self._books, txn, snapshot, wanted.api)
        if home is None:
            raise Denied(Code.INSUFFICIENT_SCOPE, "The gate knows no scopes of this API.")
        caller = self._verifier.stand(txn, snapshot, presented, home, wanted.address)[0]
        return About(caller, self._books.routes.limits(txn, home))

    def _about(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, error: CounterfoilError
    ) -> About | None:
        """Return what is known of a request that is refused; None if no good token asked."""
        if isinstance(error, Refused | Unserved) or not isinstance(wanted.presented, str):
            return None
        home = home_of(self._books, txn, snapshot, wanted.api)
        caller = whoever(self._verifier, txn, snapshot, wanted.presented, home)
        limits = NO_LIMITS if home is None else self._books.routes.limits(txn, home)
        return None if caller is None else About(caller, limits)
