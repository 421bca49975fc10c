"""Somebody keeps a way in: the last one is taken away by nobody but who gives them a new code."""

from __future__ import annotations

from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import UserId
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.signin.store import identities, outside, passkeys, seconds


def has_password(office: Office, user: UserId | None) -> bool:
    """Say whether somebody has a password of which they could want another one."""
    with office.database.reading() as tx:
        return identities.kept_password(tx, user) is not None


def codes_asked(office: Office, user: UserId | None = None) -> bool:
    """Say whether somebody's password asks for a code of an app; of nobody, whether anybody's."""
    with office.database.reading() as tx:
        return seconds.anybody(tx) if user is None else seconds.of_user(tx, user) is not None


def require_a_way(work: Work, user: UserId, *, local: bool) -> None:
    """Return if a person can still sign in; `local` says whether passwords and passkeys count here.

    Raises:
        Conflict: if nothing is left that would let them in.
    """
    own = identities.kept_password(work.tx, user) or passkeys.of_user(work.tx, user)
    if not (outside.of_user(work.tx, user) or (local and own)):
        raise Conflict(
            Code.CONFLICT,
            "This is your last way in: add another one first, or you could not sign in any more.",
        )
