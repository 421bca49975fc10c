"""One-time codes as they are shown to us, and whether whoever gave one out could still do so."""

from __future__ import annotations

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.directory import Member
from counterfoil.kernel.errors import Code, Denied, Refused
from counterfoil.secret import Kind, digest, kind_of
from counterfoil.signin.model import Invitation


def code_digest(code: str, prefix: str) -> bytes | None:
    """Return under what a code is kept; None for what is no code."""
    try:
        return digest(code) if kind_of(code, prefix) is Kind.INVITATION else None
    except Refused:
        return None


def require_inviter(tx: Connection, invitation: Invitation, place: Member) -> None:
    """Return if whoever gave a code out could still let somebody into this place.

    Raises:
        Denied: if they may not any more, or if the place reaches further than they do by now.
        NotFound: if they have left.
    """
    if invitation.by is None:
        return
    inviter = directory.member(tx, invitation.organization, invitation.by)
    if not any(term.scopes & Scope.USERS_MANAGE.bit for term in inviter.terms):
        raise Denied(Code.INSUFFICIENT_ROLE, "Whoever gave the code manages no users any more.")
    directory.require_reach(tx, invitation.organization, inviter.terms, place.roles)
