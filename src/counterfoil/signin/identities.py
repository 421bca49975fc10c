"""A person looks at the accounts by which providers know them, and is known by one no longer."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.feed.event import SecretTaken
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.signin.model import Outside
from counterfoil.signin.steps.session import end_all
from counterfoil.signin.steps.ways import require_a_way
from counterfoil.signin.store import outside


@operation("identity.list", requires=None, owner=True, reads=True)
def list_identities(work: Work) -> list[Outside]:
    """Return by which accounts of providers the caller is known, the oldest first."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user)
    return outside.of_user(work.tx, user)


@operation("identity.forget", requires=None, owner=True, vital=True)
def forget(work: Work, id_: int, *, local: bool = True) -> None:
    """Know the caller by this account no more; every session of theirs is over (S44).

    `local` says whether passwords and passkeys let people in here.

    Raises:
        NotFound: if they are known by no such account.
        Conflict: if it is their last way in.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    if not outside.drop(work.tx, user, id_):
        raise NotFound
    require_a_way(work, user, local=local)
    work.emit(SecretTaken(user=user))
    end_all(work, user)
