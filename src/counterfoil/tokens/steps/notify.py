"""Whom it concerns what becomes of a token, and what they are told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from counterfoil import directory, notices
from counterfoil.access.caller import Method
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.notices import Facts
from counterfoil.notices import Kind as Told
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.news import TOLD_OF, TokenTurned, Turn
from counterfoil.tokens.request_model import Request, RequestKind, RequestState

LASTING = TOLD_OF
"""Exchanged tokens come and go by the thousand, and nobody is told."""


def holder(token: Token) -> UserId | None:
    """Return whom a token is to: its owner, or who made it for the organization."""
    return token.owner or token.issuer


def page_of(kind: Kind) -> Facts:
    """Return the fact by which a notice leads to the page of a token of a kind."""
    return {notices.OF: kind.name.lower()}


def told_asked(work: Work, request: Request, token: Token) -> None:
    """Tell those who may decide of a request; its requester, if there is nobody (A10d)."""
    _announce(work, request, token, Turn.REQUESTED)
    here, me = request.organization, request.requester
    others = [one for one in directory.approvers(work.tx, here) if one != me]
    facts: Facts = {
        "name": token.name,
        "requester": directory.user(work.tx, me).name,
        "token": spell(Prefix.TOKEN, token.id),
        "widens": request.kind is RequestKind.WIDEN,
    }
    about = spell(Prefix.REQUEST, request.id)
    if others:
        notices.tell(work, Told.REQUEST_MADE, others, about, facts, organization=here)
    else:
        notices.tell(work, Told.REQUEST_UNHEARD, [me], about, facts, organization=here)


def told_again(work: Work, request: Request, token: Token, others: Collection[UserId]) -> None:
    """Remind those who may decide of a request."""
    facts: Facts = {
        "name": token.name,
        "requester": directory.user(work.tx, request.requester).name,
        "since": f"{request.created_at:%Y-%m-%d}",
    }
    about = spell(Prefix.REQUEST, request.id)
    here = request.organization
    notices.tell(work, Told.REQUEST_REMINDED, others, about, facts, organization=here)


def last_reminded(work: Work, request: Request) -> datetime | None:
    """Return when those who may decide were last reminded by whoever asks."""
    about = spell(Prefix.REQUEST, request.id)
    return notices.last_told(work.tx, request.organization, about, Told.REQUEST_REMINDED)


def told_closed(work: Work, request: Request) -> None:
    """Let nobody be reminded of a request any more."""
    notices.settle(work, request.organization, spell(Prefix.REQUEST, request.id))


def told_agreed(work: Work, request: Request) -> None:
    """Let whoever approved first be reminded of it no more: it waits for somebody else."""
    about, me = spell(Prefix.REQUEST, request.id), work.caller.user
    notices.settle(work, request.organization, about, whose=me)


def told_approved(
    work: Work, before: Request, token: Token, *, narrowed: bool, reason: str | None
) -> None:
    """Tell the requester, whether it is less than they asked for, and what was said to it."""
    _announce(work, before, token, Turn.APPROVED)
    facts: Facts = {
        "name": token.name,
        "narrowed": narrowed,
        "reason": reason,
        **_by(work),
        **_of(before),
    }
    _to_requester(work, Told.REQUEST_APPROVED, before, token, facts)


def told_turned_down(work: Work, done: Request, token: Token) -> None:
    """Tell the requester that nothing comes of it; of a denial who denied it is told too (A10a)."""
    facts = {"name": token.name, "reason": done.reason or None, **_of(done)}
    if done.state is RequestState.LAPSED:
        _to_requester(work, Told.REQUEST_LAPSED, done, token, facts)
    elif done.state is RequestState.DENIED:
        _announce(work, done, token, Turn.DENIED)
        _to_requester(work, Told.REQUEST_DENIED, done, token, {**facts, **_by(work)})


def told_made(work: Work, token: Token) -> None:
    """Tell a person of what was made in their name while they, or somebody else, were signed in."""
    if work.caller.method is not Method.SESSION:
        return
    facts = {
        "name": token.name,
        "address": work.origin.address or None,
        "expires_at": None if token.expires_at is None else spell_instant(token.expires_at),
    }
    _to_holder(work, Told.TOKEN_CREATED, token, facts, token.organization)


def told_taken(
    work: Work,
    kind: Told,
    token: Token,
    organization: OrganizationId | None = None,
    why: Facts | None = None,
) -> None:
    """Tell a token's holder that it is revoked or switched off, unless they did it themselves."""
    own = work.caller.method is Method.SESSION and work.caller.user == holder(token)
    if own or token.kind not in LASTING:
        return
    _to_holder(work, kind, token, {"name": token.name, **_by(work), **(why or {})}, organization)


def told_flagged(work: Work, token: Token, reason: str, detail: str) -> None:
    """Tell a token's holder what is unlike it (G12h)."""
    here = work.caller.organization
    work.announce(TokenTurned(here, token.id, token.kind, Turn.ANOMALY))
    facts: Facts = {"name": token.name, "reason": reason, "detail": detail}
    _to_holder(work, Told.TOKEN_FLAGGED, token, facts, here)


def _announce(work: Work, request: Request, token: Token, turn: Turn) -> None:
    work.announce(TokenTurned(request.organization, token.id, token.kind, turn, request.id))


def _to_requester(
    work: Work,
    kind: Told,
    request: Request,
    token: Token,
    facts: Facts,
) -> None:
    told = {request.requester}
    if kind is Told.REQUEST_DENIED and work.caller.user is not None:
        told.add(work.caller.user)
    about = spell(Prefix.TOKEN, token.id)
    notices.tell(work, kind, told, about, facts, organization=request.organization)


def _to_holder(
    work: Work,
    kind: Told,
    token: Token,
    facts: Facts,
    organization: OrganizationId | None,
) -> None:
    whose = holder(token)
    if whose is not None:
        about = spell(Prefix.TOKEN, token.id)
        here = token.organization if organization is None else organization
        said = {**facts, **page_of(token.kind)}
        notices.tell(work, kind, [whose], about, said, organization=here)


def _by(work: Work) -> Facts:
    user = work.caller.user
    return {"by": None if user is None else directory.user(work.tx, user).name}


def _of(request: Request) -> Facts:
    return {"request": spell(Prefix.REQUEST, request.id)}
