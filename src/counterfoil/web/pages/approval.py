"""One request: what is asked, beside what the role holds and what would come of it."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import Prefix, RequestId
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.show import show_request
from counterfoil.tokens.weigh import weigh
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.approval_form import narrower_in, weighed_in
from counterfoil.web.views.conditions_form import filled_with
from counterfoil.web.views.picker import pick
from counterfoil.web.views.request_view import RequestView, approved, compared

_PATH: Final = "/approvals/{id}"
_TITLE: Final = N_("Request")
_LONGEST: Final = 10
_REASON: Final = "/data/attributes/reason"
_ALSO: Final = ("token_request.weigh", "node.lineage", "node.list")
_REQUEST: Final = (id_in("id", "The request.", Prefix.REQUEST),)


def show(visit: Visit) -> Answer:
    """Show a request to who may decide it, with what would come of what is ticked."""
    with visit.read() as work:
        inquiry = show_request(work, _id(visit))
        narrower, left = weighed_in(visit.form, inquiry.request, work)
        weighed = weigh(work, inquiry.request.id, narrower)
        view = RequestView.of(inquiry, weighed, work, visit)
        lines = compared(inquiry, weighed, left, work)
        seen = tuple(one.id for one in view.roots or () if one.path)
        picker = pick(work, visit.form if visit.form.values else Form({"roots": seen}))
        present = inquiry.token.grant_in(work.caller.organization).bounds.conditions
    return visit.show(
        "approval",
        title=view.name,
        request=view,
        lines=lines,
        weighed=weighed,
        picker=picker,
        present=present if view.widens else None,
        begin=filled_with(view.conditions),
    )


def accept(visit: Visit) -> Answer:
    """Approve it as it was asked, or for what is still ticked."""
    with visit.read() as work:
        inquiry = show_request(work, _id(visit))
        wish = narrower_in(visit.form, inquiry.request, work)
    remark = visit.form.text("remark")
    with visit.work() as work:
        try:
            done = approve(work, inquiry.request.id, _version(visit), wish, remark)
        except Invalid as error:
            if error.field != _REASON:
                raise
            raise Invalid(error.code, error.detail, field="/remark") from error
    told = visit.say(approved(done), name=inquiry.token.name)
    return visit.go("/approvals", Notice(told, proof=work.entry))


def refuse(visit: Visit) -> Answer:
    """Deny it, and say why."""
    with visit.work() as work:
        done = deny(work, _id(visit), _version(visit), visit.form.text("reason"))
    said = N_("Denied: %(name)s. Whoever asked reads your reason.")
    told = visit.say(said, name=done.token.name)
    return visit.go("/approvals", Notice(told, proof=work.entry))


def _id(visit: Visit) -> RequestId:
    return RequestId(ids.read(Prefix.REQUEST, visit.asked.params["id"]))


def _version(visit: Visit) -> int:
    """Return the version of the request that was on the page (S22)."""
    said = visit.form.text("version")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _LONGEST else 0


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        operation="token_request.show",
        also=_ALSO,
        parts=_REQUEST,
    ),
    Page(
        "POST", f"{_PATH}/preview", show, _TITLE, "token_request.show", also=_ALSO, parts=_REQUEST
    ),
    Page(
        "POST",
        f"{_PATH}/approve",
        accept,
        _TITLE,
        operation="token_request.approve",
        also=("token_request.show", *_ALSO),
        parts=_REQUEST,
        form=show,
    ),
    Page(
        "POST",
        f"{_PATH}/deny",
        refuse,
        _TITLE,
        operation="token_request.deny",
        also=("token_request.show", *_ALSO),
        parts=_REQUEST,
        form=show,
    ),
)
