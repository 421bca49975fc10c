"""Where an organization asks that a provider vouches for people, no password stands in for that."""

from __future__ import annotations

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office
from counterfoil.signin.model import Session
from counterfoil.signin.store import outside


def require_vouched(tx: Connection, session: Session) -> None:
    """Return if a session may add an account of a provider to its person's own.

    Otherwise whoever knows a password would link an account of theirs, and come in by that.

    Raises:
        Denied: PROVIDER_REQUIRED, to a member of an organization that asks for one.
    """
    if session.provider is not None:
        return
    places = directory.memberships(tx, session.user)  # one that is not active may become so
    if any(directory.policy(tx, one.organization).provider_only for one in places):
        raise Denied(
            Code.PROVIDER_REQUIRED,
            "An organization of yours asks that you sign in at a provider, so no password adds an "
            "account there: whoever administers it gives you a one-time code.",
        )


def asks_provider(office: Office, organization: OrganizationId) -> bool:
    """Say whether an organization is entered only by who came by a provider."""
    with office.database.reading() as tx:
        return directory.policy(tx, organization).provider_only


def count_unlinked(tx: Connection, organization: OrganizationId) -> int:
    """Count the active people of an organization who are known here by no account elsewhere."""
    people = [one.user for one in directory.active_people(tx, organization)]
    return len(people) - len(outside.known(tx, people))
