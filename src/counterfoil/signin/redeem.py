"""A client turns a code, or a refresh token, into the secrets of an OAuth session.

Each is good for one use, settled by one statement of the database. A second use means that somebody
has what is not theirs, and there is no telling who: so all that came from it ends (RFC 9700 §4.14).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from counterfoil.access.caller import Origin
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Issued, Proof, Purpose, Session
from counterfoil.signin.policy import BadGrant
from counterfoil.signin.steps.session import OFFICE, account, end, issue, on_behalf, sweep
from counterfoil.signin.store import rows
from counterfoil.signin.ticket import Ticket, digest

_UNKNOWN: Final = "The code is unknown, spent or late."
_OVER: Final = "The refresh token is unknown, spent or over."


def exchange_code(office: Office, ticket: str, proof: Proof, origin: Origin) -> Issued:
    """Return the secrets of a new OAuth session.

    Raises:
        BadGrant: whatever is wrong with the code.
    """
    code = digest(Ticket.CODE, ticket)
    if code is None:
        raise BadGrant(_UNKNOWN)
    with office.database.reading() as tx:
        fresh, begun = rows.find_code(tx, code), rows.by_code(tx, code)
        found = fresh or begun
        if found is None:
            raise BadGrant(_UNKNOWN)
        who = _account(tx, found.user, found.position, _UNKNOWN)
    try:
        with office.work(on_behalf(who), origin) as work:
            return redeem(work, code, proof)
    except BadGrant as error:
        if error.tainted:
            _distrust(office, who, origin, code)
        raise


def exchange_refresh(office: Office, refresh: bytes, client: str, origin: Origin) -> Issued:
    """Return new secrets of an OAuth session.

    Raises:
        BadGrant: whatever is wrong with the refresh token.
    """
    with office.database.reading() as tx:
        session = rows.by_secret(tx, Purpose.REFRESH, refresh)
        if session is None or (session.provider is None and not office.providers.passwords):
            raise BadGrant(_OVER)
        who = _account(tx, session.user, session.position, _OVER)
    try:
        with office.work(on_behalf(who), origin) as work:
            return renew(work, session.id, refresh, client)
    except BadGrant as error:
        if error.tainted:
            _distrust(office, who, origin, refresh)
        raise


@operation("oauth.redeem", requires=None, methods=OFFICE, vital=True)
def redeem(work: Work, ticket: bytes, proof: Proof) -> Issued:
    """Begin an OAuth session by a code."""
    work.permit(target=spell(Prefix.USER, work.caller.user or 0))
    code = rows.take_code(work.tx, ticket)
    if code is None:
        raise BadGrant(_UNKNOWN, tainted=True)
    policy.require_redeemable(code, proof, work.now)
    _account(work.tx, code.user, code.position, _UNKNOWN)
    sweep(work)
    session = Session(
        id=TokenId(work.new_id()),
        user=code.user,
        client=code.client,
        position=code.position,
        authenticated_at=code.authenticated_at,
        seen_at=work.now,
        dies_at=work.now + policy.SESSION_LIFE,
        begun_by=ticket,
        provider=code.provider,
    )
    rows.add(work.tx, session)
    return issue(work, session)


@operation("oauth.refresh", requires=None, methods=OFFICE, vital=True)
def renew(work: Work, session_id: TokenId, refresh: bytes, client: str) -> Issued:
    """Give an OAuth session new secrets for its refresh token, which is spent."""
    work.permit(target=spell(Prefix.TOKEN, session_id))
    spent = rows.spend(work.tx, refresh, work.now)
    session = rows.by_secret(work.tx, Purpose.REFRESH, refresh)
    if session is None or not policy.alive(session, work.now):
        raise BadGrant(_OVER)
    if not spent or client != session.client:
        raise BadGrant(_OVER, tainted=True)
    _account(work.tx, session.user, session.position, _OVER)
    rows.touch(work.tx, session.id, work.now)
    return issue(work, session)


@operation("oauth.distrust", requires=None, methods=OFFICE, vital=True)
def distrust(work: Work, digested: bytes) -> None:
    """End what came from a code or a refresh token that may be in the wrong hands."""
    work.permit(target=spell(Prefix.USER, work.caller.user or 0))
    rows.take_code(work.tx, digested)
    sessions = (
        rows.by_code(work.tx, digested),
        rows.by_secret(work.tx, Purpose.REFRESH, digested),
    )
    for session in sessions:
        if session is not None:
            end(work, session)


def _distrust(office: Office, who: Account, origin: Origin, digested: bytes) -> None:
    with office.work(on_behalf(who), origin) as work:
        distrust(work, digested)


def _account(tx: Connection, user: UserId, position: int, detail: str) -> Account:
    try:
        return account(tx, user, position)
    except Refused:
        raise BadGrant(detail) from None
