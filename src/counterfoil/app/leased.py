"""What verifies at an office of several hosts: it decides while its host holds a lease (R1).

Without one, as after a stop of its process, it asks the database first. That is as good as a lease,
and slower; and where the database is away, nobody knows what was revoked.
"""

from __future__ import annotations

from typing import Final

from counterfoil.access.caller import Caller
from counterfoil.app.effective import BEHIND
from counterfoil.feed.source import Source
from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.guard import address_of
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings


class LeasedVerifier(Verifier):
    """A verifier of a host that holds a lease, or asks.

    Args:
        lease: of this host.
        books: of the office.
        replica, clock, prefix: as every verifier of an office has them.
    """

    def __init__(
        self, lease: Lease, books: Source, replica: Replica, clock: Clock, prefix: str
    ) -> None:
        super().__init__(replica, clock, prefix, names=True, address_of=address_of)
        self._lease: Final = lease
        self._books: Final = books

    def verify(
        self, presented: str, organization: OrganizationId | None = None, address: str | None = ""
    ) -> Caller:
        """Return who presents this token, as every verifier does.

        Raises:
            Unserved: NOT_READY too, where there is no lease and no database.
        """
        self._hold()
        return super().verify(presented, organization, address)

    def again(self, caller: Caller, address: str | None = None) -> Caller:
        """Return who somebody is now, as every verifier does.

        Raises:
            Unserved: as `verify` says.
        """
        self._hold()
        return super().again(caller, address)

    def _hold(self) -> None:
        if self._lease.left_s():
            return
        try:
            self.replica.catch_up(self._books)
        except BEHIND as error:
            raise Unserved(
                Code.NOT_READY, "The database is away, so this host does not know what is revoked."
            ) from error


def verifier_of(
    settings: Settings, database: Database, replica: Replica, books: Source, clock: Clock
) -> Verifier:
    """Return what verifies at an office: by a lease, where others may write to its database."""
    if database.embedded:
        return Verifier(replica, clock, settings.prefix, names=True, address_of=address_of)
    lease = Lease(settings.office_lease_file)
    return LeasedVerifier(lease, books, replica, clock, settings.prefix)


def prepare(settings: Settings, database: Database) -> None:
    """Have the gates of this host see, before they can read any books, whether there is a lease."""
    if database.embedded:
        settings.office_lease_file.unlink(missing_ok=True)
    else:
        Lease(settings.office_lease_file).close()
