"""A person signs in with e-mail and password, and out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from counterfoil import directory
from counterfoil.access.caller import Method, Origin
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.operation import Office, Work, operation
from counterfoil.signin import policy, store, store_identity
from counterfoil.signin.model import Account, Purpose, Session
from counterfoil.signin.password import prove, wrong
from counterfoil.signin.session import OFFICE, account, end, end_all, on_behalf, sweep
from counterfoil.signin.ticket import Ticket, digest, draw


class Counted(NamedTuple):
    """Under what an attempt is counted."""

    account: bytes
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whoever an e-mail names, if anybody: their account if they may come in, and what is kept."""

    account: Account | None
    kept: str | None


def sign_in(office: Office, email: str, password: str, origin: Origin, old: str = "") -> str:
    """Return the ticket of a new browser session; the one that the `old` ticket names is over.

    An attempt is counted before its outcome is known, and the password is proved outside of any
    transaction. A person who does not exist costs the same work as one who does.

    Raises:
        Refused: WRONG_PASSWORD, whatever is wrong.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    counted = Counted(store_identity.account_key(email), store_identity.source_key(origin.address))
    _count(office, counted)
    candidate = _candidate(office, email)
    try:
        prove(candidate.kept, password)
        if candidate.account is None:
            raise wrong()
    except Refused:
        _record(office, candidate, origin)
        raise
    with office.work(on_behalf(candidate.account), origin) as work:
        return login(work, candidate.account.user, candidate.kept, counted, old)


@operation("signin.login", requires=None, methods=OFFICE)
def login(work: Work, user: UserId, proved: str | None, counted: Counted, old: str = "") -> str:
    """Begin a browser session for a person whose password was proved."""
    work.permit(target=spell(Prefix.USER, user))
    account(work.tx, user, None)
    policy.settle(store_identity.kept_password(work.tx, user), proved)
    sweep(work)
    if (before := find(work, old)) is not None:
        end(work, before)
    store_identity.forgive(work.tx, *counted, work.now)
    dies_at = work.now + policy.BROWSER_LIFE
    session = Session(
        id=TokenId(work.new_id()),
        user=user,
        client=None,
        position=work.head(),
        authenticated_at=work.now,
        seen_at=work.now,
        dies_at=dies_at,
    )
    ticket, kept = draw(Ticket.COOKIE, work.entropy)
    store.add(work.tx, session)
    store.give(work.tx, session.id, Purpose.COOKIE, kept, dies_at)
    return ticket


@operation("signin.logout", requires=None)
def logout(work: Work, session: TokenId) -> None:
    """End this and every other session of the person, at every client."""
    work.permit(target=spell(Prefix.TOKEN, session))
    if work.caller.user is not None:
        end_all(work, work.caller.user)


@operation("signin.fail", requires=None, methods=OFFICE, reads=True)
def fail(work: Work, user: UserId) -> None:
    """Put on record that somebody could not prove to be this person."""
    work.permit(target=spell(Prefix.USER, user))
    raise wrong()


@operation(
    "password.set",
    requires=None,
    methods=frozenset({Method.SESSION, Method.SYSTEM}),
    fresh=True,
)
def set_password(work: Work, user: UserId, digested: str) -> None:
    """Give oneself a new password, having just proved who one is; every session is over.

    `digested` comes from `digest_password`, for that takes long and no transaction waits for it.
    The office may do it for anybody who is new.
    """
    work.permit(target=spell(Prefix.USER, user))
    policy.own_password(work.caller, user)
    store_identity.keep_password(work.tx, work.new_id(), user, digested, work.now)
    end_all(work, user)


def find(work: Work, ticket: str) -> Session | None:
    """Return the browser session that a ticket names, alive or not."""
    kept = digest(Ticket.COOKIE, ticket)
    return None if kept is None else store.by_secret(work.tx, Purpose.COOKIE, kept)


def _count(office: Office, counted: Counted) -> None:
    now = office.clock()
    with office.database.transaction() as tx:
        tally = store_identity.tally(tx, *counted, now)
        policy.patient(policy.wait(tally, now))
        store_identity.count(tx, *counted, tally.pair.count + 1, now)


def _candidate(office: Office, email: str) -> Candidate:
    with office.database.reading() as tx:
        person = directory.user_by_email(tx, email)
        user = UserId(0) if person is None else person.id
        kept = store_identity.kept_password(tx, user)
        try:
            return Candidate(account(tx, user, None), kept)
        except Refused:
            return Candidate(None, kept)


def _record(office: Office, candidate: Candidate, origin: Origin) -> None:
    """Say in the background that it failed: a write at this point would tell who exists."""
    if candidate.account is None:
        return
    try:
        with office.read(on_behalf(candidate.account), origin) as work:
            fail(work, candidate.account.user)
    except Refused:
        return
