"""Where an organization asks that a provider vouches for people, no password stands in for that."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office
from counterfoil.signin.model import Session
from counterfoil.signin.store import heeded, outside


def require_vouched(tx: Connection, session: Session, *, hold: bool) -> None:
    """Return if a session may add an account of a provider to its person's own.

    Otherwise whoever knows a password would link an account of theirs, and come in by that; and so
    would a provider that does not count where another one is asked for. With `hold` nobody heeds
    another file before this work commits.

    Raises:
        Denied: PROVIDER_REQUIRED, to a member of an organization that asks for one and in which
            the provider that began the session does not count.
    """
    counts = heeded.counts(tx, session.provider, session.position, hold=hold)
    places = directory.memberships(tx, session.user)  # one that is not active may become so
    if counts is None:
        return
    for here in (one.organization for one in places):
        if here not in counts and directory.policy(tx, here).provider_only:
            raise Denied(
                Code.PROVIDER_REQUIRED,
                "An organization of yours asks that you sign in at its provider, and you did not: "
                "so you cannot add an account. Sign in there first, or ask an admin of it for a "
                "one-time code.",
            )


def asks_provider(office: Office, organization: OrganizationId) -> bool:
    """Say whether an organization is entered only by who came by a provider."""
    with office.database.reading() as tx:
        return directory.policy(tx, organization).provider_only


@dataclass(frozen=True, slots=True)
class Unlinked:
    """How many people no provider knows that counts where they are, and how many are admins."""

    people: int
    admins: int


def count_unlinked(office: Office, tx: Connection, organization: OrganizationId) -> Unlinked:
    """Count the active people of an organization whom no provider that counts there knows."""
    people = directory.active_people(tx, organization)
    issuers = {one.issuer for one in office.providers.counting_in(organization)}
    known = outside.known(tx, [one.user for one in people], issuers)
    unknown = [one for one in people if one.user not in known]
    return Unlinked(len(unknown), sum(one.is_admin for one in unknown))
