"""The leases of gates, in the database: where several hosts give them, and wait for them.

No clocks are compared. Each office counts by itself from when it has seen a lease, and writes down
which of them it has seen run out. An office that cannot write gives none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from counterfoil.gate.lease import LEASE_S
from counterfoil.gates.model import Gate, Heard, Lease, Others, twice
from counterfoil.gates.store import rows
from counterfoil.gates.store.hosts import other_hosts
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY


class SharedLeases:
    """What all offices on a database know together of the leases that they have given.

    Args:
        database: of the offices.
        ticks: seconds since this machine began.
        here: names this host among those of the office: nobody waits for their own.
    """

    def __init__(self, database: Database, ticks: Ticks = system_ticks, *, here: str = "") -> None:
        self._database = database
        self._here = f"office {here}"
        self._ticks = ticks
        self._seen: dict[GateId, Lease] = {}
        self._quiet: dict[GateId, tuple[int, float]] = {}

    def hear(self, gate: GateId, heard: Heard) -> bool:
        """Take note of where a gate stands, and give it a lease if it may have one; say whether.

        Raises:
            Conflict: if the credential was brought to two hosts, and the other one may decide yet.
        """
        with self._database.stroke() as tx:
            if not rows.hear(tx, gate, heard):
                raise twice()
        return heard.lease

    def hear_here(self, id_: GateId, position: int, now: datetime) -> None:
        """Write up to where this host stands, that it holds a lease, and how late it believes."""
        with self._database.stroke() as tx:
            rows.hear_host(
                tx, Gate(id_, self._here, now, position=position, holds=True, heard_at=now)
            )

    def others(self) -> Others:
        """Return what is known of the other hosts of the office, and what time it is there."""
        with self._database.glance() as tx:
            return other_hosts(tx, self._here)

    def running(self) -> dict[GateId, Lease]:
        """Return the leases that may run: as if each had been given just now, or was first seen.

        One that was given after this is asked was given with what had been committed by then.
        """
        until = self._ticks() + LEASE_S
        return self._known(self._held(), until)

    def _held(self) -> Mapping[GateId, tuple[int, int]]:
        with self._database.glance() as tx:
            return rows.holders(tx, self._here)

    def _known(self, held: Mapping[GateId, tuple[int, int]], until: float) -> dict[GateId, Lease]:
        """Return these leases; one that was seen before is over when it was to be over then."""
        seen = self._seen
        return {
            one: Lease(at, name, seen[one].until if _same(seen.get(one), name) else until)
            for one, (at, name) in held.items()
        }

    def lingering(self) -> list[tuple[int, float]]:
        """Return who may let reads pass after a lease: where each stands, and how long yet.

        That is counted from when this process first saw the lease, which is later than it was.
        """
        return [(at, left_s) for _, at, _, left_s in self._graces() if left_s > 0]

    def _graces(self) -> list[tuple[GateId, int, int, float]]:
        """Return each gate with a grace: where it stands, its lease, and how long that is yet."""
        with self._database.glance() as tx:
            known = rows.graces(tx)
        now, seen = self._ticks(), self._quiet
        self._quiet = {
            one: seen[one] if seen.get(one, (None,))[0] == name else (name, now)
            for one, _, name, _ in known
        }
        return [
            (one, at, name, self._quiet[one][1] + LEASE_S + grace_s - now)
            for one, at, name, grace_s in known
        ]

    def end(self, leases: Mapping[GateId, Lease]) -> None:
        """Write down that these have run out, unless their gates were given others meanwhile."""
        with self._database.transaction(NOBODY) as tx:
            rows.lapse(tx, {one: int(lease.name) for one, lease in leases.items()})
            rows.forget_removed(tx)

    def told_of(self, gates: Sequence[Gate]) -> list[Gate]:
        """Return gates with where they stand, and whether they hold a lease."""
        return list(gates)

    def turn(self) -> None:
        """Write down which leases have run out, and which graces: of whom nobody waited for.

        It is called again and again. What was not renewed between two calls that are two seconds
        apart has run out.
        """
        with self._database.glance() as tx:
            removed = rows.has_removed(tx)
        held = self._held()
        now = self._ticks()  # only now: any of these may have been given until a moment ago
        self._seen = self._known(held, now + LEASE_S)
        over = {one: lease for one, lease in self._seen.items() if now >= lease.until}
        quiet = {one: name for one, _, name, left_s in self._graces() if left_s <= 0}
        if quiet:
            with self._database.transaction(NOBODY) as tx:
                rows.end_graces(tx, quiet)
        if over or removed:
            self.end(over)


def _same(seen: Lease | None, name: int) -> bool:
    return seen is not None and seen.name == name
