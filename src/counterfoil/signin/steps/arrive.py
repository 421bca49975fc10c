"""Somebody has proved who they are: a browser session begins, and the one before it is over."""

from __future__ import annotations

from datetime import datetime

from counterfoil import directory
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.operation import Work
from counterfoil.signin import policy
from counterfoil.signin.model import Session
from counterfoil.signin.steps.session import begin, end, find, sweep
from counterfoil.signin.store import arrivals


def arrive(
    work: Work,
    user: UserId,
    position: int,
    authenticated_at: datetime,
    *,
    old: str = "",
    provider: str | None = None,
    language: str | None = None,
) -> str:
    """Return the ticket of a new browser session; the one that the `old` ticket names is over.

    The position is the feed's head, read before anybody looked whether the person may come in: who
    is cut off meanwhile stays out. Without a provider the proof was a password.
    `language` is the code of the page's, where one took part: who has chosen none yet reads in it.
    """
    if language is not None:
        directory.keep_first_language(work.tx, user, language)
    sweep(work)
    if (before := find(work, old)) is not None:
        end(work, before)
    session = Session(
        id=TokenId(work.new_id()),
        user=user,
        client=None,
        position=position,
        authenticated_at=authenticated_at,
        seen_at=work.now,
        dies_at=work.now + policy.BROWSER_LIFE,
        provider=provider,
    )
    arrivals.note(work.tx, user, provider, work.now)
    return begin(work, session)
