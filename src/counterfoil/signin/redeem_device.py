"""A device that a person has let in gets the secrets of an OAuth session (RFC 8628 §3.4)."""

from __future__ import annotations

from sqlalchemy import Connection

from counterfoil.access.caller import Origin
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Device, Issued, Session
from counterfoil.signin.policy import BadGrant
from counterfoil.signin.steps.session import OFFICE, account, issue, on_behalf, sweep
from counterfoil.signin.store import devices, rows
from counterfoil.signin.ticket import Ticket, digest

_UNKNOWN = "The device code is unknown or spent."


def exchange_device(office: Office, code: str, client: str, origin: Origin) -> Issued:
    """Return the secrets of a session, once somebody has let the device in.

    Raises:
        BadGrant: if the code is unknown or spent, or whoever let it in may not come in any more.
        Malformed: authorization_pending, slow_down, access_denied or expired_token.
    """
    kept = digest(Ticket.DEVICE, code)
    if kept is None:
        raise BadGrant(_UNKNOWN)
    with office.database.transaction(spare=True) as tx:
        device = devices.find(tx, kept)
        if device is None or device.client != client:
            raise BadGrant(_UNKNOWN)
        now = office.clock()
        slower = policy.interval(device, now)
        devices.poll(tx, kept, now, slower)
    policy.require_answered(device, now, slower)
    who = _account(office, device)
    with office.work(on_behalf(who, device.provider), origin) as work:
        return redeem_device(work, kept)


@operation("oauth.redeem_device", requires=None, methods=OFFICE, vital=True)
def redeem_device(work: Work, kept: bytes) -> Issued:
    """Begin an OAuth session by a device's code, which is spent."""
    work.permit(target=spell(Prefix.USER, work.caller.user or 0))
    device = devices.take(work.tx, kept)
    if device is None or device.user is None or device.authenticated_at is None:
        raise BadGrant(_UNKNOWN)
    _counts(work.tx, device)
    sweep(work)
    session = Session(
        id=TokenId(work.new_id()),
        user=device.user,
        client=device.client,
        position=device.position,
        authenticated_at=device.authenticated_at,
        seen_at=work.now,
        dies_at=work.now + policy.SESSION_LIFE,
        begun_by=kept,
        provider=device.provider,
    )
    rows.add(work.tx, session)
    return issue(work, session)


def _account(office: Office, device: Device) -> Account:
    with office.database.reading() as tx:
        return _counts(tx, device)


def _counts(tx: Connection, device: Device) -> Account:
    if device.user is None:
        raise BadGrant(_UNKNOWN)
    try:
        return account(tx, device.user, device.position)
    except Refused:
        raise BadGrant(_UNKNOWN) from None
