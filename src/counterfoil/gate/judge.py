"""The judge: may whoever sends this request take that route of that API?

What a proxy asks before it lets a request through. The order is that of all refusals: the
credential and from where it came, the route, the scope, the node. Nothing is looked up outside of
one state of the books. How often somebody comes is counted where the answer is given (`pace.py`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Grant
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import NO_SCOPES, CustomScope, Scope
from counterfoil.access.surface import Surface
from counterfoil.gate.asked import About, Let, Presented, Wanted
from counterfoil.gate.fence import Met
from counterfoil.gate.place import hold_on, placed
from counterfoil.gate.registrar import Standing
from counterfoil.gate.routes import NO_LIMITS, Routed
from counterfoil.gate.snapshot import Judged, Snapshot
from counterfoil.gate.tell import Tell, tell_standing, unheard
from counterfoil.gate.txn import Txn
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Malformed,
    Refused,
    Unserved,
)
from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId, Prefix, spell
from counterfoil.routing.address import METHOD, Address, UnreadableError, read
from counterfoil.routing.pattern import Whole
from counterfoil.routing.table import Route, Taken, key_of, prefixes


class _Known:
    """What is known of a request by now."""

    __slots__ = ("caller", "node", "route", "routed")

    def __init__(self) -> None:
        self.caller: Caller | None = None
        self.routed: Routed | None = None
        self.route: Route | None = None
        self.node: NodeId | None = None


class Judge:
    """Decides by one look at the replica."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._books: Final = verifier.replica.books

    def judge(self, wanted: Wanted, tell: Tell = unheard) -> Let:
        """Return what may pass.

        Raises:
            Malformed: an address or a method that could be read in two ways, or two credentials.
            Refused: no credential, or none that is in force; it names the scope of the route.
            Denied: NOT_A_MEMBER, ROUTE_NOT_LISTED, and as `Grant.permit` says.

        What is refused to a good token has an `About` with it, for whoever keeps a trail.
        """
        presented, key = wanted.presented, None
        if type(presented) is str and tell is unheard:
            with suppress(Refused):  # which is said in its turn
                key = (self._verifier.digest(presented), wanted.api, wanted.method, wanted.target)
        return self._verifier.look(
            lambda txn, snapshot: self._remembered(txn, snapshot, wanted, key, tell)
        )

    def content(
        self,
        presented: Presented,
        address: str,
        *,
        surface: Surface,
        scope: Scope,
        node: NodeId,
        tell: Tell,
    ) -> About:
        """Return who presents a token, if they may do something with a node of the content.

        Raises:
            Refused, Denied, NotFound: as all doors of the content do.
        """

        def see(txn: Txn, snapshot: Snapshot) -> About:
            caller, _, _ = self._standing(txn, snapshot, presented, None, address, tell=tell)
            caller.grant.admit(surface)
            tell("surface", str(surface))
            caller.grant.permit(scope, self._books.tree.lineage(txn, caller.organization, node))
            tell("scope", str(scope))
            tell("node", spell(Prefix.NODE, node))
            limits = self._books.routes.limits(txn, caller.organization)
            if surface is Surface.MANAGEMENT:  # which has a window, and no rate
                limits = limits._replace(rate=None)
            return About(caller, limits, node=node)

        return self._verifier.look(see)

    def _remembered(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, key: Judged | None, tell: Tell
    ) -> Let:
        """Return what was let through before in this state: only time and place may be against it.

        What is remembered is found by all that it was judged by, and forgotten with the state.
        """
        found = None if key is None else snapshot.judged.get(key)
        if found is not None:
            let: Let = found[0]
            _, until, conditions = found[1]
            now = self._verifier.clock.seconds()
            if now < until:
                if conditions is not None:
                    self._require(conditions, now, wanted, let)
                return let
        let, standing = self._judge(txn, snapshot, wanted, tell)
        if key is not None and standing is not None:
            snapshot.keep(snapshot.judged, key, (let, standing))
        return let

    def _require(self, met: Met, now: float, wanted: Wanted, let: Let) -> None:
        try:
            met.require(now, wanted.address)
        except Denied as error:
            error.about = let.about()
            raise

    def _judge(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, tell: Tell
    ) -> tuple[Let, Standing | None]:
        known = _Known()
        try:
            return self._decide(txn, snapshot, wanted, tell, known)
        except CounterfoilError as error:
            error.about = self._about(txn, snapshot, wanted, known, error)
            raise

    def _decide(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, tell: Tell, known: _Known
    ) -> tuple[Let, Standing | None]:
        address = _read(wanted)
        known.routed = routed = self._routed(txn, snapshot, wanted.api)
        try:
            if wanted.preflight is not None and _may_ask(routed, wanted.preflight, address):
                return Let(None, routed, None), None
            taken = routed.table.take(wanted.method, address)
            key = None if taken is None else key_of(taken, address)
        except UnreadableError as error:
            raise unreadable(error) from None
        if taken is not None and not taken.route.scope:
            tell("route", f"{taken.route.path} is open to everybody")
            return Let(None, routed, taken.route), None
        known.route = None if taken is None else taken.route
        here = OrganizationId(routed.organization)
        try:
            standing = self._standing(
                txn, snapshot, wanted.presented, here, wanted.address, tell=tell
            )
        except Refused as error:
            if taken is not None:
                error.meta = {**error.meta, "scope": taken.route.scope}
            raise
        known.caller = standing[0]
        if taken is None:
            raise _unlisted(wanted.method)
        tell("route", taken.route.path)
        node, on = self._place(txn, routed, taken, key, address)
        known.node = node
        _permit(standing[0].grant, routed, taken, on)
        tell("scope", taken.route.scope)
        tell("node", "none is asked for" if on is None else _spelled(node))
        return Let(standing[0], routed, taken.route, node), standing

    def _about(
        self,
        txn: Txn,
        snapshot: Snapshot,
        wanted: Wanted,
        known: _Known,
        error: CounterfoilError,
    ) -> About | None:
        """Return what is known of a request that is refused; None if no good token asked."""
        if isinstance(error, Refused | Unserved) or not isinstance(wanted.presented, str):
            return None
        home = None if known.routed is None else known.routed.organization
        caller = known.caller or whoever(self._verifier, txn, snapshot, wanted.presented, home)
        limits = NO_LIMITS if known.routed is None else known.routed.limits
        return None if caller is None else About(caller, limits, known.route, known.node)

    def _routed(self, txn: Txn, snapshot: Snapshot, api: ApiId) -> Routed:
        routed = snapshot.routed.get(api)
        if routed is None:
            routed = self._books.routes.routed(txn, api, self._books.apis)
            if routed is None:
                raise Denied(Code.ROUTE_NOT_LISTED, "The gate knows no routes of this API.")
            snapshot.routed[api] = routed
        return routed

    def _standing(
        self,
        txn: Txn,
        snapshot: Snapshot,
        presented: Presented,
        organization: OrganizationId | None,
        address: str,
        *,
        tell: Tell,
    ) -> Standing:
        if presented is None:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        if isinstance(presented, Malformed | Refused):
            raise presented
        if tell is unheard:
            return self._verifier.stand(txn, snapshot, presented, organization, address)
        standing = self._verifier.stand(txn, snapshot, presented, organization, None)
        tell_standing(standing, self._verifier.clock.seconds(), address, tell)
        return standing

    def _place(
        self, txn: Txn, routed: Routed, taken: Taken, key: str | None, address: Address
    ) -> tuple[NodeId | None, Lineage | None]:
        """Return the node that a request is about, and where it stands; None if none matters."""
        if taken.place is Whole.ANY:
            return None, None
        keys = prefixes(address) if taken.place is Whole.PATH else () if key is None else (key,)
        return placed(self._books, txn, routed.organization, routed.api, keys)


def whoever(
    verifier: Verifier, txn: Txn, snapshot: Snapshot, presented: str, organization: int | None
) -> Caller | None:
    """Return whose token it is, wherever it comes from: there, or where it speaks by itself."""
    for where in (organization, None):
        with suppress(CounterfoilError):
            return verifier.stand(txn, snapshot, presented, where, None)[0]
    return None


def _spelled(node: NodeId | None) -> str:
    return "everywhere" if node is None else spell(Prefix.NODE, node)


def _read(wanted: Wanted) -> Address:
    try:
        address = read(wanted.target)
    except UnreadableError as error:
        raise unreadable(error) from None
    if not METHOD.fullmatch(wanted.method):
        raise unreadable("the method is not spelled in capital letters")
    return address


def _permit(grant: Grant, routed: Routed, taken: Taken, on: Lineage | None) -> None:
    spelling = taken.route.scope
    scope = routed.scopes.get(spelling) or CustomScope(spelling, NO_SCOPES)
    if on is None:
        grant.hold(scope)
    else:
        hold_on(grant, scope, on)


def _may_ask(routed: Routed, method: str, address: Address) -> bool:
    return routed.preflights and routed.table.take(method, address) is not None


def _unlisted(method: str) -> Denied:
    return Denied(
        Code.ROUTE_NOT_LISTED, "The API lists no route for this.", meta={"method": method}
    )


def unreadable(why: object) -> Malformed:
    """Say that a request could be read in two ways, or in none."""
    return Malformed(
        Code.INVALID_REQUEST,
        f"The gate does not read this request: {why}.",
        meta={"error": "invalid_request"},
    )
