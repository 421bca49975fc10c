"""The steps that end tokens: for good, from a position of the feed on; or by the clock, earlier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from counterfoil.notices import Kind as Told
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.notify import told_taken
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.steps.requests import close
from counterfoil.tokens.store import lists, requests


def end(work: Work, tokens: Iterable[Token]) -> list[Token]:
    """Revoke held tokens wherever they speak; those that are dead already stay as they are.

    What a personal token was exchanged for opens nothing without it, and is written off with it.
    """
    held = list(tokens)
    live = [token for token in held if token.live_grants]
    for token in live:
        close(work, requests.open_requests_of(work.tx, token.id))
        told_taken(work, Told.TOKEN_REVOKED, token)
    if not live:
        return held
    personal = [token for token in live if token.kind is Kind.PERSONAL]
    lent = [child for token in personal for child in lists.children(work.tx, token)]
    position = position_after(work, len(live) + len(lent))
    for child in lent:
        put(work, child, child.revoked(work.now, position))
    return [
        put(work, token, token.revoked(work.now, position)) if token.live_grants else token
        for token in held
    ]


def end_by(work: Work, tokens: Iterable[Token], maker: Token) -> None:
    """Have held tokens end no later than the one that they hang on."""
    limit = maker.expires_at
    if limit is None:
        return
    for token in tokens:
        if token.expires_at is None or token.expires_at > limit:
            put(work, token, replace(token, expires_at=limit, version=token.version + 1))


def position_after(work: Work, events: int) -> int:
    """Return the position that the feed will have once so many more events are in it."""
    return work.head(hold=True) + len(work.events) + events
