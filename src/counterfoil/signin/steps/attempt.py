"""Somebody tries to prove by e-mail and password who they are: what every such door begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.caller import Origin
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.seal import seal_of
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin import policy, totp
from counterfoil.signin.model import Account
from counterfoil.signin.password import ARGON2ID, Passwords, wrong
from counterfoil.signin.steps.session import OFFICE, account, on_behalf
from counterfoil.signin.store import identities, seconds
from counterfoil.signin.totp import Second, Shown


class Counted(NamedTuple):
    """Under what an attempt is counted."""

    account: bytes
    source: str


@dataclass(frozen=True, slots=True)
class Proved:
    """A person who has just shown their password, and the digest that it was proved against.

    `code` is what they showed beside it, if they have set up an app.
    """

    account: Account
    kept: str
    counted: Counted
    code: Shown | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Whoever an e-mail names, if anybody: their account if they may come in, and what is kept.

    `code` is what they showed of the app that they have set up; it `lacks` where that is nothing.
    """

    account: Account | None
    kept: str | None
    code: Shown | None = None
    lacks: bool = False


def attempt(
    office: Office,
    email: str,
    password: str,
    origin: Origin,
    *,
    code: str = "",
    passwords: Passwords = ARGON2ID,
) -> Proved:
    """Return who proves by this password to be the person with this e-mail address.

    An attempt is counted before its outcome is known, and the password is proved outside of any
    transaction. A person who does not exist costs the same work as one who does. Who has set up an
    app shows a code of it too; whether that or the password was wrong is told to nobody.

    Raises:
        Denied: PASSWORDS_REFUSED, where only providers let people in.
        Refused: WRONG_PASSWORD, whatever is wrong.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    policy.require_passwords(office.providers.passwords)
    counted = Counted(identities.account_key(email), identities.source_key(origin.address))
    tries = _count(office, counted)
    candidate = _candidate(office, email, code)
    try:
        passwords.prove(candidate.kept, password)
        if candidate.account is None or candidate.kept is None:
            raise wrong()
        if candidate.lacks:
            if code and tries >= policy.GUESSES:
                office.guessed(on_behalf(candidate.account), origin)
            raise wrong()
    except Refused:
        _record(office, candidate, origin)
        raise
    return Proved(candidate.account, candidate.kept, counted, candidate.code)


def still_holds(work: Work, proved: Proved) -> None:
    """Return if what was proved before this work began is true in it, and count no failures more.

    Raises:
        Refused: WRONG_PASSWORD.
    """
    user = proved.account.user
    account(work.tx, user, None)
    policy.require_same_password(identities.kept_password(work.tx, user), proved.kept)
    if seconds.of_user(work.tx, user) is not None:
        shown = proved.code
        if shown is None or not seconds.take(work.tx, user, shown, work.now):
            raise wrong()
    identities.forgive(work.tx, *proved.counted, work.now)


@operation("signin.fail", requires=None, methods=OFFICE, reads=True, vital=True)
def fail(work: Work, user: UserId) -> None:
    """Put on record that somebody could not prove to be this person."""
    work.permit(target=spell(Prefix.USER, user))
    raise wrong()


def _count(office: Office, counted: Counted) -> int:
    """Count an attempt; return how many there were at this account within a day, wherever from."""
    now = office.clock()
    with office.database.transaction(NOBODY, spare=True) as tx:
        tally = identities.tally(tx, *counted, now)
        policy.require_patience(policy.wait(tally, now))
        identities.count(tx, *counted, tally.pair.count + 1, now)
    return tally.account.count + 1


def _candidate(office: Office, email: str, code: str) -> _Candidate:
    with office.database.reading() as tx:
        person = directory.user_by_email(tx, email)
        user = UserId(0) if person is None else person.id
        kept = identities.kept_password(tx, user)
        held = seconds.of_user(tx, user)
        shown = None if held is None else _shown(tx, held, code, office.clock())
        lacks = held is not None and shown is None
        try:
            return _Candidate(account(tx, user, None), kept, shown, lacks)
        except Refused:
            return _Candidate(None, kept)


def _shown(tx: Connection, held: Second, code: str, now: datetime) -> Shown | None:
    """Return what a code is of somebody's app, if it is unused; nothing where there is no key.

    It is used up later, by whoever is let in by it.
    """
    seal = seal_of(tx)
    if seal is None:
        return None
    told = totp.shown(totp.secret_of(seal, held.user, held.salt), held.user, code, now)
    return told if told is not None and seconds.is_unused(tx, held.user, told) else None


def _record(office: Office, candidate: _Candidate, origin: Origin) -> None:
    """Say in the background that it failed: a write at this point would tell who exists."""
    if candidate.account is None:
        return
    try:
        with office.read(on_behalf(candidate.account), origin) as work:
            fail(work, candidate.account.user)
    except Refused:
        return
