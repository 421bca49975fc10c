"""The operator takes back how people sign in, where nobody can say whether it still holds (R12)."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.feed.event import SecretTaken
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.signin.steps.session import OFFICE, end_all
from counterfoil.signin.store import ended, identities, invitations, outside, passkeys, seconds


@operation("signin.recall", requires=None, methods=OFFICE, surface=None, vital=True)
def recall(work: Work, user: UserId, why: str) -> None:
    """Take back all that a person proves themselves by: they come in by an invitation alone."""
    directory.hold_user(work.tx, user)
    work.permit(target=spell(Prefix.USER, user))
    work.note(why)
    identities.forget_password(work.tx, user)
    outside.drop_all(work.tx, user)
    passkeys.drop_all(work.tx, user)
    seconds.drop(work.tx, user)
    invitations.drop(work.tx, user)
    work.emit(SecretTaken(user=user))
    end_all(work, user)
    directory.hand_over(work, user)


@operation("signin.end_all", requires=None, methods=OFFICE, surface=None, vital=True)
def end_everybody(work: Work, why: str) -> int:
    """End every session and take out every one-time code, of everybody everywhere.

    The gates are not told one by one: whoever does this has them built anew. Return how many
    sessions there were.
    """
    here: OrganizationId = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    work.note(why)
    return ended.everything(work.tx)
