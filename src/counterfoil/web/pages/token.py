"""One personal token: what it is, what it can do now, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from counterfoil import directory
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import NotFound
from counterfoil.operation import Work
from counterfoil.tokens.model import Token
from counterfoil.tokens.request_model import Request, RequestState
from counterfoil.tokens.show_power import show_power
from counterfoil.tokens.steps.told import tokens_told
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.places import placed
from counterfoil.web.views.token_page import EDIT, PART, TokenPage, look, token_in


def show(visit: Visit) -> Answer:
    """Show a token to its owner, or to who approves tokens here."""
    id_ = token_in(visit)
    with visit.read() as work:
        page = look(work, id_)
        before = _before(work, page)
        power, words = show_power(work, id_), work.vocabulary()
        (told,) = tokens_told(work, [page.token])
        bounds = told.grant_in(work.caller.organization).bounds
        roots = placed(work, bounds.roots)
        approvers = _approvers(work, page.view.request)
    effective, left = words.spell(power.effective.scopes), page.view.left(visit.now)
    return visit.show(
        "token",
        title=page.view.name,
        page=page,
        before=before,
        roles=power.roles,
        barred=power.barred,
        effective=effective,
        lost=[one for one in page.view.scopes or () if one not in effective],
        roots=roots,
        approvers=approvers,
        conditions=bounds.conditions,
        may_change=EDIT in page.may,
        next_notice=_next_notice(page.token, visit.now),
        passed=None if left is None else 100 - left,
    )


def _before(work: Work, page: TokenPage) -> TokenPage | None:
    """Return the token that this one succeeds, for whoever has to put it in its place."""
    old = page.token.predecessor
    if old is None or not page.mine:
        return None
    try:
        return look(work, old)
    except NotFound:  # it does not speak in this organization
        return None


def _approvers(work: Work, request: Request | None) -> list[str]:
    """Return the names of who approved what it asked for last, in the order in which they did."""
    if request is None or request.state is not RequestState.APPROVED:
        return []
    both = (request.agreed_by, request.decided_by)
    return [directory.user(work.tx, by).name for by in both if by is not None]


def _next_notice(token: Token, now: datetime) -> datetime | None:
    ends = token.expires_at
    told = () if ends is None else (ends - timedelta(days=days) for days in token.reminders)
    return min((at for at in told if at > now), default=None)


PAGES: Final = (
    Page(
        "GET",
        "/tokens/{id}",
        show,
        N_("Personal access token"),
        operation="token.show",
        also=("token.show_power", "node.lineage"),
        parts=(PART,),
    ),
)
