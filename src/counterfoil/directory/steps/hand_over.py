"""What it means for the directory that somebody else may have an account from now on."""

from __future__ import annotations

from counterfoil.directory.store.rows import hold_user, save_user
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work


def hand_over(work: Work, user: UserId) -> None:
    """Keep that an account is in new hands: what was made before follows nobody any further.

    The feed's head is held, so that a token which is being made just now comes before it, or is
    refused because its session is over.
    """
    held = hold_user(work.tx, user)
    save_user(work.tx, held.handed_over(work.head(hold=True)))
