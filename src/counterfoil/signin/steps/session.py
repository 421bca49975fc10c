"""What the verbs of this slice share: how a session begins, is renewed, and ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.feed.event import (
    AnyEvent,
    SecretRecord,
    SecretTaken,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.kernel.clock import micros
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Issued, Purpose, Session
from counterfoil.signin.password import wrong
from counterfoil.signin.store import (
    devices,
    flows,
    heeded,
    identities,
    invitations,
    passkeys,
    rows,
)
from counterfoil.signin.store.heeded import Counts
from counterfoil.signin.ticket import Ticket, digest, draw

OFFICE: Final = frozenset({Method.SYSTEM})
"""Who performs what somebody does that is not signed in yet: the office, in their name."""

BROWSER: Final = "browser session"
"""What the trail calls a session without a client."""

_SWEPT: Final = 50


def on_behalf(account: Account, by: str | None = None) -> Caller:
    """Return the office acting for a person whose credential a door has yet to prove.

    It holds no scope, so it can do nothing but what asks for none. `by` is the provider that
    vouches for them, so that the trail names it.
    """
    name = None if by is None else vouched_by(by)
    return Caller(account.organization, account.user, Method.SYSTEM, Grant(()), token_name=name)


def vouched_by(provider: str) -> str:
    """Return what the trail calls a proof by a provider."""
    return f"provider {provider}"


def in_person(session: Session, organization: OrganizationId) -> Caller:
    """Return a person at our own browser doors. Their cookie lends them no scope either."""
    return Caller(
        organization=organization,
        user=session.user,
        method=Method.SESSION,
        grant=Grant(()),
        token=session.id,
        token_name=BROWSER,
        authenticated_at=session.authenticated_at,
    )


def account(tx: Connection, user: UserId, position: int | None) -> Account:
    """Return a person and the organization in whose trail they are recorded.

    That is the one that they joined first, of those in which a sign-in made at this position of the
    feed still counts; with no position: one made now. Signing in never brings anybody back (S20).

    Raises:
        Refused: WRONG_PASSWORD if it counts nowhere.
    """
    try:
        person = directory.user(tx, user)
    except NotFound:
        raise wrong() from None
    if person.active and person.kind == "person":
        for place in directory.memberships(tx, user):
            if place.active and (position is None or position > place.cut_off):
                return Account(user, place.organization)
    raise wrong()


def issue(work: Work, session: Session) -> Issued:
    """Give a session two new secrets; the access token that it had is dead (S44)."""
    issued = Issued(work.mint(Kind.SESSION), work.mint(Kind.REFRESH))
    struck = rows.take_access(work.tx, session.id)
    dies_at = min(work.now + policy.ACCESS_LIFE, session.dies_at)
    rows.give(work.tx, session.id, Purpose.ACCESS, issued.access.digest, dies_at)
    rows.give(work.tx, session.id, Purpose.REFRESH, issued.refresh.digest, session.dies_at)
    counts = heeded.counts(work.tx, session.provider, session.position, hold=True)
    work.emit(_record(session, issued.access.digest, dies_at, counts, struck))
    return issued


def begin(work: Work, session: Session) -> str:
    """Put a browser session in, and return its ticket. The gates know it by the ticket's digest.

    No bearer has that digest, which is of a domain of its own: only a door that reads the cookie
    can ask for it.
    """
    ticket, kept = draw(Ticket.COOKIE, work.entropy)
    rows.add(work.tx, session)
    rows.give(work.tx, session.id, Purpose.COOKIE, kept, session.dies_at)
    counts = heeded.counts(work.tx, session.provider, session.position, hold=True)
    work.emit(_record(session, kept, session.dies_at, counts))
    return ticket


def end(work: Work, session: Session) -> None:
    """End a session: none of its secrets opens anything from now on."""
    if struck := rows.remove(work.tx, session.id):
        work.emit(TokenStruck(token=session.id, digests=struck))


def end_all(work: Work, user: UserId, *, but: TokenId | None = None) -> None:
    """End everything that a person's sign-ins led to, at every client, `but` one session (S44)."""
    rows.drop_codes(work.tx, user)
    devices.drop(work.tx, user)
    for session in rows.of_user(work.tx, user):
        if session.id != but:
            end(work, session)


def keep_password(work: Work, user: UserId, digested: str) -> None:
    """Keep a person's new password; what the old one or an invitation led to is over (S44).

    The user is held first and the feed's head last, as by all that changes them.
    """
    directory.hold_user(work.tx, user)
    identities.keep_password(work.tx, work.new_id(), user, digested, work.now)
    invitations.drop(work.tx, user)
    work.emit(SecretTaken(user=user))
    end_all(work, user)
    directory.hand_over(work, user)


def find(work: Work, ticket: str) -> Session | None:
    """Return the browser session that a ticket names, alive or not."""
    kept = digest(Ticket.COOKIE, ticket)
    return None if kept is None else rows.by_secret(work.tx, Purpose.COOKIE, kept)


def sweep(work: Work) -> None:
    """Take out some of what is dead: each beginning pays for a few ends."""
    rows.drop_late_codes(work.tx, work.now)
    invitations.drop_late(work.tx, work.now)
    flows.drop_late(work.tx, work.now)
    passkeys.drop_late(work.tx, work.now)
    for session in rows.past(work.tx, work.now, _SWEPT):
        end(work, session)


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Yield what the gates must know of the sessions that there are."""
    words = heeded.words(tx)
    for session, known_by, dies_at in rows.gated(tx):
        word = words.get(session.provider or "", heeded.NONE)
        yield _record(session, known_by, dies_at, word.of(session.position))


def tell_again(work: Work, providers: Collection[str]) -> None:
    """Tell the gates anew where each session counts as vouched for that these providers began.

    Nobody begins or renews one meanwhile: whoever would waits for what is held here.
    """
    words = heeded.words(work.tx)
    for session, known_by, dies_at in rows.gated(work.tx, providers):
        word = words[str(session.provider)]
        work.emit(_record(session, known_by, dies_at, word.of(session.position)))


def _record(
    session: Session,
    digest: bytes,
    dies_at: datetime,
    counts: Counts,
    struck: tuple[bytes, ...] = (),
) -> TokenRecorded:
    return TokenRecorded(
        token=session.id,
        letter=str(Kind.SESSION),
        name=session.client or BROWSER,
        authority="user",
        subject=session.user,
        expires_at=micros(dies_at),
        position=session.position,
        secrets=(SecretRecord(digest),),
        authenticated_at=micros(session.authenticated_at),
        vouched_in=counts,
        struck=struck,
    )
