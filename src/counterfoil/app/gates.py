"""What the operator does about gates on other hosts: at the machine, beside a server or not."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil import directory
from counterfoil.access.caller import Caller
from counterfoil.app import keys
from counterfoil.app.by_hand import MACHINE, opened, working
from counterfoil.app.elsewhere import leases_of
from counterfoil.feed.outbox import read_head
from counterfoil.gates import Gate, HostLeases, enroll, gates_in, remove
from counterfoil.gateway.credential import Credential
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.office import Office
from counterfoil.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """The gates on other hosts, and where the feed stands."""

    gates: list[Gate]
    head: int


def enrolled(settings: Settings) -> Known:
    """Return which gates there are.

    Raises:
        UnreadyError: if there is no installation.
    """
    with opened(settings) as office:
        leases = leases_of(settings, office.database)
        try:
            with office.database.reading() as tx:
                gates = leases.told_of(gates_in(tx))
                return Known(gates, read_head(tx).position)
        finally:
            if isinstance(leases, HostLeases):
                leases.close()


def add(settings: Settings, name: str, entropy: Entropy = system_entropy) -> Credential:
    """Let a gate follow the feed; return what it shows, and by what it knows the office.

    Raises:
        UnreadyError: if there is no installation, or another host signs its feed otherwise.
        Invalid, Conflict: as `gates.enroll` says; Conflict too where nobody is in it yet.
    """
    with opened(settings) as office:
        key = keys.feed_signer(settings, office.database, entropy).public
        with office.work(_operator(office), MACHINE) as work:
            return Credential(enroll(work, name), key)


def foresee(settings: Settings, name: str) -> None:
    """Return if a gate could be let in under this name; nothing of it is kept.

    Raises:
        UnreadyError, Invalid, Conflict: as `add` does.
    """
    with opened(settings) as office, working(office, _operator(office), dry_run=True) as work:
        enroll(work, name)


def take_away(settings: Settings, name: str, *, dry_run: bool = False) -> Gate:
    """Shut a gate out; it decides nothing from when its lease ends. A dry run keeps nothing of it.

    Raises:
        UnreadyError: if there is no installation.
        NotFound: if there is no such gate.
    """
    with opened(settings) as office, working(office, _operator(office), dry_run=dry_run) as work:
        return remove(work, name)


def _operator(office: Office) -> Caller:
    """Return who does this: it stands in the trail of the oldest organization."""
    with office.database.reading() as tx:
        found = directory.organization_ids(tx)
    if not found:
        raise Conflict(Code.CONFLICT, "Nobody is in this installation yet.")
    return directory.operator(found[0])
