"""The judge: may whoever sends this request take that route of that API?

What a proxy asks before it lets a request through. The order is that of all refusals: the
credential and from where it came, the route, the scope, the node. Nothing is looked up outside of
one state of the books. How often somebody comes is counted where the answer is given (`pace.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import lmdb

from counterfoil.access.caller import Caller
from counterfoil.access.roots import Ancestry
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.gate.asked import About, Let, Presented, Said, Wanted
from counterfoil.gate.credential import stranger
from counterfoil.gate.place import permit, placed
from counterfoil.gate.presented import read
from counterfoil.gate.registrar import Standing
from counterfoil.gate.replica.fence import Met
from counterfoil.gate.replica.routes import NO_LIMITS, Routed, Way
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.snapshot import Snapshot
from counterfoil.gate.tell import Tell, tell_standing, unheard
from counterfoil.gate.verdicts import scoped, unlisted
from counterfoil.gate.verifier import Verifier
from counterfoil.gate.ways import Ways, open_to_all
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Malformed,
    Refused,
    Unserved,
)
from counterfoil.kernel.ids import NodeId, OrganizationId, Prefix, spell
from counterfoil.routing.pattern import Whole
from counterfoil.routing.table import Route, Taken, prefixes

_NOBODYS: Final = (Refused, Unserved)
"""What is said to whoever has no good token."""


class _Known:
    """What is known of a request by now."""

    standing: Standing | None = None
    routed: Routed | None = None
    route: Route | None = None
    node: NodeId | None = None

    def __init__(self, digest: bytes) -> None:
        self.digest = digest


class Judge:
    """Decides by one look at the replica."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._books: Final = verifier.replica.books
        self._ways = Ways(self._books)

    def judge(self, wanted: Wanted, tell: Tell = unheard) -> Let:
        """Return what may pass.

        Raises:
            CounterfoilError: what `say` returns of what may not.
        """
        said = self.say(wanted, tell)
        if isinstance(said, Let):
            return said
        try:
            raise said
        finally:
            del said  # it holds this frame, which would hold it

    def say(self, wanted: Wanted, tell: Tell = unheard) -> Said:
        """Return what may pass, or why it may not.

        Malformed: an address or a method that could be read in two ways, or two credentials.
        Refused: no credential, or none that is in force; it names the scope of the route.
        Denied: NOT_A_MEMBER, ROUTE_NOT_LISTED, and as `Grant.permit` says.

        What is refused to a good token has an `About` with it, for whoever keeps a trail.
        """
        presented, digest = wanted.presented, wanted.digest
        if digest is None and type(presented) is str:
            presented, digest = read(presented, self._verifier)
        if digest is None and type(presented) is bytes:
            digest = presented
        try:
            return self._say(wanted, presented, digest, tell)
        except lmdb.Error as error:
            books = self._verifier.replica
            return books.again(error, lambda: self._say(wanted, presented, digest, tell))

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
            caller = self._told(txn, snapshot, presented, address, tell)
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

    def _say(self, wanted: Wanted, presented: Presented, digest: bytes | None, tell: Tell) -> Said:
        """Say it by one state: as before, if it was said in this one."""
        verifier = self._verifier
        txn = verifier.replica.begin()
        try:
            snapshot = verifier.latest
            if snapshot.id != txn.id():
                snapshot = verifier.turn(txn)
            if digest is None:
                return self._without(txn, snapshot, wanted, presented, tell)
            said = self._before(snapshot, wanted, digest) if tell is unheard else None
            return self._judge(txn, snapshot, wanted, digest, tell) if said is None else said
        except CounterfoilError as error:
            return error
        finally:
            txn.abort()

    def _before(self, snapshot: Snapshot, wanted: Wanted, digest: bytes) -> Said | None:
        """Return what was said before in this state: only time and place may be against it.

        What is remembered is found by all that it was judged by, and forgotten with the state. None
        if nothing is: then one has to look.
        """
        found = snapshot.judged.get((digest, wanted.api, wanted.method, wanted.target))
        if found is None:
            return None
        said, (_, until, conditions) = found
        if self._verifier.now() >= until:
            return None
        if conditions is not None:
            self._require(conditions, self._verifier.clock.least(), wanted, said)
        return said.anew() if type(said) is Denied else said

    def _without(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, presented: Presented, tell: Tell
    ) -> Said:
        """Say what passes without a token: there is none that could be looked up."""
        way = self._ways.way(txn, snapshot, wanted)
        let = open_to_all(way, wanted, tell)
        if let is not None:
            return let
        said = presented
        if not isinstance(said, Malformed | Refused):
            said = Refused(Code.MISSING_AUTHORIZATION_HEADER)
        return scoped(said, way.taken)

    def _require(self, met: Met, now: float, wanted: Wanted, said: Let | Denied) -> None:
        try:
            met.require(now, wanted.address)
        except Denied as error:
            error.about = said.about if isinstance(said, Denied) else said.about()
            raise

    def _judge(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, digest: bytes, tell: Tell
    ) -> Said:
        known = _Known(digest)
        said: Said
        try:
            said = self._decide(txn, snapshot, wanted, known, tell)
        except CounterfoilError as error:
            said = error.with_traceback(None)  # whose frames would hold it, and it them
            said.about = self._about(txn, snapshot, wanted, known, error)
        if known.standing is not None and isinstance(said, Let | Denied) and tell is unheard:
            again = said.anew() if isinstance(said, Denied) else said
            key = digest, wanted.api, wanted.method, wanted.target
            snapshot.keep_verdict(key, (again, known.standing))
        return said

    def _decide(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, known: _Known, tell: Tell
    ) -> Let | Malformed | Refused:
        way = self._ways.way(txn, snapshot, wanted)
        let = open_to_all(way, wanted, tell)
        if let is not None:
            return let
        known.routed = routed = way.routed
        taken = way.taken
        known.route = None if taken is None else taken.route
        here = OrganizationId(routed.organization)
        address = wanted.address if tell is unheard else None
        try:
            standing = self._verifier.standing(txn, snapshot, (known.digest, here, address))
        except Refused as error:
            return scoped(error, taken)
        if standing is None:
            text = wanted.presented if isinstance(wanted.presented, str) else ""
            return scoped(stranger(text, self._verifier.prefix), taken)
        if tell is not unheard:
            tell_standing(standing, self._verifier.clock.least(), wanted.address, tell)
        known.standing = standing
        if taken is None:
            raise unlisted(wanted.method)
        tell("route", taken.route.path)
        node, on = self._place(txn, routed, taken, way)
        known.node = node
        permit(standing[0].grant, routed, taken, on)
        tell("scope", taken.route.scope)
        tell("node", "none is asked for" if on is None else _spelled(node))
        return Let(standing[0], routed, taken.route, node)

    def _about(
        self,
        txn: Txn,
        snapshot: Snapshot,
        wanted: Wanted,
        known: _Known,
        error: CounterfoilError,
    ) -> About | None:
        """Return what is known of a request that is refused; None if no good token asked."""
        if isinstance(error, _NOBODYS) or not isinstance(wanted.presented, str):
            return None
        if known.routed is None:
            with suppress(Denied):
                known.routed = self._ways.routed(txn, snapshot, wanted.api)
        home = None if known.routed is None else known.routed.organization
        if known.standing is not None:
            caller: Caller | None = known.standing[0]
        else:
            caller = whoever(self._verifier, txn, snapshot, wanted.presented, home)
        limits = NO_LIMITS if known.routed is None else known.routed.limits
        return None if caller is None else About(caller, limits, known.route, known.node)

    def _told(
        self, txn: Txn, snapshot: Snapshot, presented: Presented, address: str, tell: Tell
    ) -> Caller:
        if presented is None:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        if isinstance(presented, Malformed | Refused):
            raise presented
        standing = self._verifier.stand(txn, snapshot, presented, None, None)
        tell_standing(standing, self._verifier.clock.least(), address, tell)
        return standing[0]

    def _place(
        self, txn: Txn, routed: Routed, taken: Taken, way: Way
    ) -> tuple[NodeId | None, Ancestry | None]:
        """Return the node that a request is about, and where it stands; None if none matters."""
        if taken.place is Whole.ANY:
            return None, None
        if taken.place is Whole.PATH:
            keys: Iterable[str] = prefixes(way.address)
        else:
            keys = () if way.key is None else (way.key,)
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
