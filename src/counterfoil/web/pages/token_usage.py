"""How one personal token was used: a bar for each hour or day, and who used it most."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.flag import dismiss_flags
from counterfoil.tokens.preview import offer
from counterfoil.tokens.show_trail import Side, show_trail
from counterfoil.tokens.show_usage import show_usage
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.flag_said import DISMISSED
from counterfoil.web.views.last_requests import MOST, Asker, LastRequest, busiest, last_requests
from counterfoil.web.views.token_page import EDIT, PART, TokenPage, look, token_in
from counterfoil.web.views.token_use import BACK, range_in, use_of


def show(visit: Visit) -> Answer:
    """Show how often a token was used, by what became of it, and by whom from where."""
    id_ = token_in(visit)
    with visit.read() as work:
        page = look(work, id_)
        report = show_usage(work, id_, range_in(visit))
        lately = _lately(visit, work, page)
    return visit.show(
        "token_usage",
        title=page.view.name,
        page=page,
        lately=lately,
        routes=busiest(lately or ()),
        use=use_of(report),
    )


def _lately(visit: Visit, work: Work, page: TokenPage) -> list[LastRequest] | None:
    """Return its last requests to who may read its trail; to its owner with how to ask for more."""
    if not page.audits:
        return None
    edits = EDIT in page.may
    mine = work.vocabulary().spell(offer(work).scopes) if edits else ()
    asker = Asker(f"{page.path}/restrictions" if edits else "", frozenset(mine))
    found = show_trail(work, page.token.id, Side.WITH, Wanted(MOST))
    return last_requests(found.items, asker, visit.say)


def dismiss(visit: Visit) -> Answer:
    """Say that what a token was flagged for is all right."""
    with visit.work() as work:
        token = dismiss_flags(work, token_in(visit))
    return visit.go(f"/tokens/{token.id}", Notice(visit.say(DISMISSED)))


_TITLE: Final = N_("Usage")

PAGES: Final = (
    Page(
        "GET",
        "/tokens/{id}/usage",
        show,
        _TITLE,
        operation="token.show_usage",
        also=("token.show", "token.show_trail", "token.offer"),
        parts=(PART,),
        query=(BACK,),
    ),
    Page(
        "POST",
        "/tokens/{id}/dismiss",
        dismiss,
        _TITLE,
        operation="token.dismiss_flags",
        parts=(PART,),
    ),
)
