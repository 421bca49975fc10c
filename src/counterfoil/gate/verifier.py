"""Verify: is this credential ours, is it in force now, and what does that make of its bearer?

The answer is a `Caller`, or an exception that says why not; never a boolean. What is said precisely
is said to those who hold the secret; everybody else hears one and the same sentence (S13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import lmdb

from counterfoil.access.caller import Caller
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.gate.address import AddressOf, peer
from counterfoil.gate.credential import UNKNOWN, present, stranger, unknown
from counterfoil.gate.glance import Glance
from counterfoil.gate.registrar import Registrar, Standing
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.fence import Shut
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.snapshot import Asked, Snapshot
from counterfoil.gate.verdicts import quarantined
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Code, Refused
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.secret import DEFAULT_PREFIX

T = TypeVar("T")

REMEMBERED: Final = 65_536
"""So many callers and decisions a process remembers of one state, at most."""

Who: TypeAlias = tuple[bytes, int | None, str | None]
"""What a token is known by, the organization named, and the address: None if it does not matter."""


class Verifier:
    """Makes callers of token strings.

    Args:
        replica: what this host knows.
        clock: what time it is; an expiry counts from its very instant (X17).
        prefix: how this installation's tokens begin.
        names: whether callers carry the token's name, for the audit trail.
        remember: how much to remember of one state; 0 works everything out each time.
        address_of: from where a request came, for tokens that are bound to networks.
    """

    def __init__(
        self,
        replica: Replica,
        clock: Clock,
        prefix: str = DEFAULT_PREFIX,
        *,
        names: bool = False,
        remember: int = REMEMBERED,
        address_of: AddressOf = peer,
    ) -> None:
        self.prefix = prefix
        self.address_of = address_of
        self.replica = replica
        self.clock = clock
        self.now = clock.seconds
        self.glance = Glance(prefix)
        self._most = remember
        self._apis = replica.books.apis
        self._tree = replica.books.tree
        self._registrar = Registrar(replica.books, names=names)
        self.latest = Snapshot(-1, 0, remember)  # the state that was looked at last

    def verify(
        self, presented: str, organization: OrganizationId | None = None, address: str | None = ""
    ) -> Caller:
        """Return who presents this token, with what they may do now.

        Args:
            presented: the string, exactly as it came.
            organization: where they want to act; a token acts where it was made if none is named.
            address: from where they come, for a token that is bound to networks: it is good from
                none that is not known. None asks who it is, from wherever it came.

        Raises:
            Refused: it opens nothing, or not now.
            Denied: NOT_A_MEMBER or PROVIDER_REQUIRED there; IP_NOT_ALLOWED; POLICY_BLOCKED.
            Unserved: QUARANTINED, where nothing verifies.
            Malformed: who signed in belongs to several organizations, and none is named.
        """
        found = self._found((self.digest(presented), organization, address))
        if found is None:
            raise stranger(presented, self.prefix)
        return found[0]

    def again(self, caller: Caller, address: str | None = None) -> Caller:
        """Return who somebody is now that was verified a while ago: one look-up.

        Their address is the one of then; None if nobody came, as with what was scheduled.

        Raises:
            Refused, Denied: as `verify` says.
        """
        key = caller.credential
        found = None if key is None else self._found((key, caller.organization, address))
        if found is None:
            raise Refused(Code.INVALID_TOKEN, UNKNOWN)
        if isinstance(found[2], Shut):
            found[2].deny()
        return found[0]

    def decide(
        self,
        environ: Mapping[str, Any],
        surface: Surface,
        scope: Scope,
        node: NodeId | None = None,
        organization: OrganizationId | None = None,
    ) -> Caller:
        """Return who sent a request, if they may do this there: the whole way, from header to node.

        Raises:
            Refused, Denied, NotFound, Malformed: as `verify` and `Grant.permit` say.
        """
        header, query = environ.get("HTTP_AUTHORIZATION", ""), environ.get("QUERY_STRING", "")
        key = self.glance.digest(header, query) or self.digest(self._careful(environ))
        asked = (key, organization, surface.bit, scope.bit, node)
        try:
            found = self._decided(asked, surface, scope, environ)
        except lmdb.Error as error:
            found = self.replica.again(error, lambda: self._decided(asked, surface, scope, environ))
        if found is None:
            raise stranger(self._careful(environ), self.prefix)
        return found

    def decide_custom(
        self, environ: Mapping[str, Any], name: str, organization: OrganizationId | None = None
    ) -> Caller:
        """Return who sent a request, if they hold a scope that a registered API brings along.

        Surfaces and nodes are the built-in API's own: neither is asked for here.

        Raises:
            Refused, Denied, Malformed: as `verify` and `Grant.hold` say.
        """
        presented = self._careful(environ)
        who = self.digest(presented), organization, self.address_of(environ)
        found = self.look(lambda txn, snapshot: self._held(txn, snapshot, who, name))
        if found is None:
            raise stranger(presented, self.prefix)
        return found

    def look(self, see: Callable[[Txn, Snapshot], T]) -> T:
        """Look at one state of the books, with what this process remembers of it."""
        try:
            return self._seen(see)
        except lmdb.Error as error:
            return self.replica.again(error, lambda: self._seen(see))

    def seen(self) -> int:
        """Return what names the latest state looked at here: whoever verified did so by then."""
        return self.latest.id

    def stand(
        self,
        txn: Txn,
        snapshot: Snapshot,
        token: str | bytes,
        where: int | None,
        at: str | None,
    ) -> Standing:
        """Return who presents a token, or its digest, and from where, in a state that is looked at.

        Raises:
            Refused, Denied, Malformed: as `verify` says.
        """
        key = token if isinstance(token, bytes) else self.digest(token)
        found = self.standing(txn, snapshot, (key, where, at))
        if found is None:
            raise stranger("" if isinstance(token, bytes) else token, self.prefix)
        return found

    def standing(self, txn: Txn, snapshot: Snapshot, who: Who) -> Standing | None:
        """Return as whom something is known in a state that is looked at; None if as nobody.

        Raises:
            Refused, Denied, Malformed, Unserved: as `verify` says of what is known.
        """
        key, organization, address = who
        found = self._known(txn, snapshot, key, organization)
        if found is not None and found[2] is not None:
            found[2].require(self.clock.least(), address)
        return found

    def _known(self, txn: Txn, snapshot: Snapshot, key: bytes, home: int | None) -> Standing | None:
        """Return the same, wherever it comes from: what each request must meet is yet to be met."""
        now, most = self.now(), self._most
        found = snapshot.verified.get((key, home)) if most else None
        if found is None or now >= found[1]:
            if snapshot.quarantined:
                raise quarantined()
            found = self._registrar.find(txn, key, home, now, snapshot.latest_cut)
            if found is None:
                return None
            found = self._registrar.fenced(txn, found, snapshot.fences)
            if most:
                snapshot.keep(snapshot.verified, (key, home), found)
        return found

    def _careful(self, environ: Mapping[str, Any]) -> str:
        presented = present(environ, self.prefix)
        if presented is None:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        return presented

    def _found(self, who: Who) -> Standing | None:
        try:
            return self._verified(who)
        except lmdb.Error as error:
            return self.replica.again(error, lambda: self._verified(who))

    def _verified(self, who: Who) -> Standing | None:
        txn = self.replica.begin()
        try:
            snapshot = self.latest
            if snapshot.id != txn.id():
                snapshot = self.turn(txn)
            return self.standing(txn, snapshot, who)
        finally:
            txn.abort()

    def _seen(self, see: Callable[[Txn, Snapshot], T]) -> T:
        txn = self.replica.begin()
        try:
            snapshot = self.latest
            return see(txn, snapshot if snapshot.id == txn.id() else self.turn(txn))
        finally:
            txn.abort()

    def _decided(
        self, asked: Asked, surface: Surface, scope: Scope, environ: Mapping[str, Any]
    ) -> Caller | None:
        txn = self.replica.begin()
        try:
            snapshot = self.latest
            if snapshot.id != txn.id():
                snapshot = self.turn(txn)
            if self._most:
                remembered = snapshot.decided.get(asked)
                if remembered is not None and self.now() < remembered[1]:
                    return remembered[0]
            key, organization, _, _, node = asked
            found = self._known(txn, snapshot, key, organization)
            if found is None:
                return None
            caller, _, met = found
            if met is not None:
                met.require(self.clock.least(), self.address_of(environ))
            caller.grant.admit(surface)
            if node is None:
                caller.grant.hold(scope)
            else:
                caller.grant.permit(scope, self._tree.lineage(txn, caller.organization, node))
            if met is None and self._most:  # what each request must meet is asked of each
                snapshot.keep(snapshot.decided, asked, found)
            return caller
        finally:
            txn.abort()

    def _held(self, txn: Txn, snapshot: Snapshot, who: Who, name: str) -> Caller | None:
        found = self.standing(txn, snapshot, who)
        if found is None:
            return None
        found[0].grant.hold(self._apis.scope(txn, found[0].organization, name))
        return found[0]

    def turn(self, txn: Txn) -> Snapshot:
        """Begin to remember another state; a thread that sees an older one keeps to itself."""
        snapshot = Snapshot.seen(txn, self.replica.books, self._most)
        if snapshot.id > self.latest.id:
            self.latest = snapshot
        return snapshot

    def digest(self, presented: str) -> bytes:
        """Return what the books know a string by.

        Raises:
            Refused: it cannot be a token.
        """
        if (key := self.glance.key(presented)) is None:
            raise unknown(presented, self.prefix)
        return key
