"""What somebody asked for a token of theirs: with whom it is, and what was decided and why."""

from __future__ import annotations

from typing import Final

from counterfoil import directory
from counterfoil.access.scope import Scopes
from counterfoil.access.surface import spell_surfaces
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import RequestId
from counterfoil.operation import Work
from counterfoil.tokens.approve import cancel
from counterfoil.tokens.remind import EVERY, remind
from counterfoil.tokens.request_model import Request, RequestKind, RequestState
from counterfoil.tokens.show import Inquiry, show_request, show_token
from counterfoil.tokens.steps.notify import last_reminded
from counterfoil.tokens.steps.told import request_told
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.places import placed
from counterfoil.web.views.request_view import BADGES, first_approver
from counterfoil.web.views.rule_said import rules_said
from counterfoil.web.views.token_page import PART, TokenPage, look, token_in

_PATH: Final = "/tokens/{id}/request"
_TITLE: Final = N_("Request")
_NAMED: Final = 5
"""So many people who could decide are named; beyond that they are counted."""


def show(visit: Visit) -> Answer:
    """Show the last request for a token to who asked, or to who may approve it."""
    with visit.read() as work:
        page = look(work, token_in(visit))
        inquiry = show_request(work, _asked(page))
        request, words = inquiry.request, work.vocabulary()
        deciders, reminded_at = inquiry.deciders or (), last_reminded(work, request)
        scopes = request.bounds.scopes
        return visit.show(
            "token_request",
            title=page.view.name,
            page=page,
            request=request,
            widens=request.kind is RequestKind.WIDEN,
            waits=request.state is RequestState.OPEN and visit.now < request.lapses_at,
            badge=BADGES[request.state],
            scopes=None if scopes is None else words.spell(scopes),
            surfaces=spell_surfaces(request.bounds.surfaces),
            given_up=words.spell(_given_up(inquiry, work)),
            shortened=_approved(request) and inquiry.token.expires_at != request.expires_at,
            roots=placed(work, request_told(work, request).bounds.roots),
            deciders=deciders[:_NAMED],
            further=len(deciders) - _NAMED,
            reminded_at=reminded_at,
            may_remind=reminded_at is None or visit.now >= reminded_at + EVERY,
            decided_by=_name(work, request),
            agreed_by=first_approver(work, request),
            missing=inquiry.missing,
            able=len(deciders),
            rules=rules_said(inquiry, work, visit),
        )


def withdraw(visit: Visit) -> Answer:
    """Take back what one asked for."""
    id_ = token_in(visit)
    with visit.read() as work:
        request = show_token(work, id_).request
    if request is None:
        raise NotFound
    with visit.work() as work:
        cancel(work, request.id, request.version)
    return visit.go(f"/tokens/{id_}/request", Notice(visit.say(_WITHDRAWN)))


def nudge(visit: Visit) -> Answer:
    """Remind those who may decide."""
    id_ = token_in(visit)
    with visit.read() as work:
        request = show_token(work, id_).request
    if request is None:
        raise NotFound
    with visit.work() as work:
        remind(work, request.id)
    return visit.go(f"/tokens/{id_}/request", Notice(visit.say(_REMINDED)))


def _asked(page: TokenPage) -> RequestId:
    if page.view.request is None:
        raise NotFound
    return page.view.request.id


def _approved(request: Request) -> bool:
    return request.state is RequestState.APPROVED


def _given_up(inquiry: Inquiry, work: Work) -> Scopes:
    """Return the scopes that were asked for and are not in the token that was approved."""
    asked = inquiry.request.bounds.scopes
    had = inquiry.token.grant_in(work.caller.organization).bounds.scopes
    if not _approved(inquiry.request) or asked is None or had is None:
        return 0
    return asked & ~had


def _name(work: Work, request: Request) -> str:
    by = request.decided_by
    return "" if by is None else directory.user(work.tx, by).name


_REMINDED: Final = N_("They are reminded, in their notices and by mail.")
_WITHDRAWN: Final = N_("The request is withdrawn.")

PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        operation="token_request.show",
        also=("token.show", "node.lineage"),
        parts=(PART,),
    ),
    Page(
        "POST",
        f"{_PATH}/cancel",
        withdraw,
        _TITLE,
        operation="token_request.cancel",
        also=("token.show",),
        parts=(PART,),
    ),
    Page(
        "POST",
        f"{_PATH}/remind",
        nudge,
        _TITLE,
        operation="token_request.remind",
        also=("token.show",),
        parts=(PART,),
    ),
)
