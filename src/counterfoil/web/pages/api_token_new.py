"""New child, Content API Token: the form, and its secret once (Q14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.jsonapi.idempotency import once
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_show import page_api_tokens
from counterfoil.tokens.model import Token
from counterfoil.tokens.show import show_token
from counterfoil.tokens.steps.authority import shows_drafts
from counterfoil.tokens.steps.record import Issued
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.api_manager import PATH
from counterfoil.web.views.api_token_form import blank, candidates, is_step, like, wish_in
from counterfoil.web.views.picker import pick
from counterfoil.web.views.secret_page import reveal_api_token

_NEW: Final = f"{PATH}/new"
_TITLE: Final = N_("New API token")
_FORM_READS: Final = ("user.list", "role.list", "node.list", "node.lineage")


def show(visit: Visit) -> Answer:
    """Show the form, as it begins or as it was filled in."""
    with visit.read() as work:
        page_api_tokens(work, Wanted(1))  # who may not manage them is refused here
        model = None
        if not visit.form.values:
            model = _model(visit, work)
            begun = blank() if model is None else blank() | like(work, model)
            visit = replace(visit, form=Form(begun))
        people, tree = candidates(work), pick(work, visit.form)
    return visit.show(
        "api_token_form",
        token=None,
        action=_NEW,
        lock=None,
        people=people,
        picker=tree,
        hidden=0,
        model=model,
        once=visit.form.text("once") or visit.asked.office.entropy(16).hex(),
    )


def _model(visit: Visit, work: Work) -> Token | None:
    """Return the personal token in whose place one is to be made, if the address names it."""
    named = visit.asked.query.id(Prefix.TOKEN, "like")
    return None if named is None else show_token(work, TokenId(named)).token


def create(visit: Visit) -> Answer:
    """Make the token and show its secret; a form that is sent again makes no second one."""
    if is_step(visit.form):
        return show(visit)
    made: list[tuple[Issued, bool]] = []

    def make(asked: Asked) -> Answer:
        with asked.work() as work:
            issued = create_api_token(work, wish_in(visit.form))
            made.append((issued, shows_drafts(work, issued.token)))
        return Answer(201, {"id": str(issued.token.id)})

    key = visit.form.text("once")
    headers = {**visit.asked.headers, **({"idempotency-key": key} if key else {})}
    route = Route("POST", _NEW, make, "api_token.create", _TITLE)
    answer = once(route, replace(visit.asked, headers=headers), _NEW)
    if made:
        return reveal_api_token(visit, *made[0])
    body = answer.body
    told = visit.say("This form was sent before: here is the token. Its secret was shown then.")
    return visit.go(
        f"{PATH}/{body['id'] if isinstance(body, dict) else ''}", Notice(told, "neutral")
    )


PAGES: Final = (
    Page(
        "GET",
        _NEW,
        show,
        _TITLE,
        operation="api_token.page",
        also=("token.show", *_FORM_READS),
        query=(id_in("like", "A personal token in whose place it is made.", Prefix.TOKEN),),
        fresh=True,
    ),
    Page(
        "POST",
        _NEW,
        create,
        _TITLE,
        operation="api_token.create",
        also=("api_token.page", *_FORM_READS),
        form=show,
    ),
)
