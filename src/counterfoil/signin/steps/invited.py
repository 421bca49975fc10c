"""Whom a one-time code lets in to their account at this moment: where every use of one begins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.kernel.errors import Denied, NotFound, Refused
from counterfoil.operation import Work
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Invitation
from counterfoil.signin.steps.code import code_digest, require_inviter
from counterfoil.signin.steps.session import account
from counterfoil.signin.store import invitations


def digest_of(code: str, prefix: str) -> bytes:
    """Return under what a code is kept.

    Raises:
        Refused: INVALID_INVITATION for what cannot be one.
    """
    shown = code_digest(code, prefix)
    if shown is None:
        raise policy.uninvited()
    return shown


def find(tx: Connection, shown: bytes, now: datetime) -> Account:
    """Return whom a code lets in, which stays good.

    Raises:
        Refused: INVALID_INVITATION.
    """
    return _living(tx, invitations.find(tx, shown), now)


def take(work: Work, shown: bytes) -> Account:
    """Return whom a code lets in, and use it up.

    Raises:
        Refused: INVALID_INVITATION.
    """
    return _living(work.tx, invitations.take(work.tx, shown), work.now)


def _living(tx: Connection, invitation: Invitation | None, now: datetime) -> Account:
    """Return whom an invitation lets in now, if whoever made it could still make it.

    Raises:
        Refused: INVALID_INVITATION if either was shut out since, if the person reaches further by
            now than who invited them, or became a member elsewhere.
    """
    if invitation is None or now >= invitation.dies_at:
        raise policy.uninvited()
    try:
        who = account(tx, invitation.user, invitation.position)
        if invitation.by is not None:
            _still_theirs(tx, invitation)
    except (Refused, Denied, NotFound):
        raise policy.uninvited() from None
    return who


def _still_theirs(tx: Connection, invitation: Invitation) -> None:
    places = [one for one in directory.memberships(tx, invitation.user) if one.joined]
    if [one.organization for one in places] != [invitation.organization]:
        raise Denied
    require_inviter(tx, invitation, places[0])
