"""A successor of a token: the same settings, a secret and an end of its own (X16, X19)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.directory.show import show_policy
from counterfoil.jsonapi.idempotency import once
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.tokens.preview import offer
from counterfoil.tokens.renew import renew
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.wish import Wish
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views import token_form
from counterfoil.web.views.secret_page import reveal_token
from counterfoil.web.views.token_page import PART, RENEW, look, token_in

_PATH: Final = "/tokens/{id}/renew"
_TITLE: Final = N_("Create a successor")


def show(visit: Visit) -> Answer:
    """Ask what it is called and until when it lives; the rest is as it was."""
    id_ = token_in(visit)
    with visit.read() as work:
        page = look(work, id_)
        if RENEW not in page.may:
            return visit.go(page.path)
        offered, rules = offer(work), show_policy(work)
    if not visit.form.values:
        values = token_form.blank(rules, visit.now) | {"name": (page.view.name,)}
        visit = replace(visit, form=replace(visit.form, values=values))
    return visit.show(
        "token_renew",
        page=page,
        offered=offered,
        full=offered.quota is not None and offered.held >= offered.quota,
        last_day=token_form.last_day(rules, visit.now),
        once=visit.form.text("once") or visit.asked.office.entropy(16).hex(),
    )


def make(visit: Visit) -> Answer:
    """Make it and show its secret; a form that is sent again makes no second one."""
    made: list[Requested] = []
    id_, form = token_in(visit), visit.form

    def renewed(asked: Asked) -> Answer:
        wish = Wish(
            name=form.text("name"),
            justification=form.text("justification"),
            expires_at=token_form.end_in(form, visit.now),
        )
        with asked.work() as work:
            made.append(renew(work, id_, wish))
        return Answer(201, {"id": str(made[0].token.id)})

    key, path = form.text("once"), visit.here
    headers = {**visit.asked.headers, **({"idempotency-key": key} if key else {})}
    route = Route("POST", _PATH, renewed, "token.renew", _TITLE)
    answer = once(route, replace(visit.asked, headers=headers), path)
    if made:
        return reveal_token(visit, made[0])
    body = answer.body
    told = visit.say("This form was sent before: here is the token. Its secret was shown then.")
    return visit.go(
        f"/tokens/{body['id'] if isinstance(body, dict) else id_}", Notice(told, "neutral")
    )


_ALSO: Final = ("token.show", "policy.show")

PAGES: Final = (
    Page(
        "GET", _PATH, show, _TITLE, operation="token.offer", also=_ALSO, parts=(PART,), fresh=True
    ),
    Page(
        "POST",
        _PATH,
        make,
        _TITLE,
        operation="token.renew",
        also=("token.offer", *_ALSO),
        parts=(PART,),
        form=show,
    ),
)
