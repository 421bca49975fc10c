"""One request: what is asked, beside what the role holds and what would come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.access.surface import Surface, surfaces
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import NodeId, Prefix, RequestId
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.show import Inquiry, show_request
from counterfoil.tokens.steps.told import request_told
from counterfoil.tokens.weigh import weigh
from counterfoil.tokens.wish import Wish
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.conditions_form import conditions_in, filled_with, without_the_same
from counterfoil.web.views.last_day import end_of
from counterfoil.web.views.request_view import RequestView, approved, compared

_PATH: Final = "/approvals/{id}"
_TITLE: Final = N_("Request")
_LONGEST: Final = 10
_REASON: Final = "/data/attributes/reason"
_REQUEST: Final = (id_in("id", "The request.", Prefix.REQUEST),)


def show(visit: Visit) -> Answer:
    """Show a request to who may decide it."""
    with visit.read() as work:
        inquiry = show_request(work, _id(visit))
        weighed = weigh(work, inquiry.request.id)
        view = RequestView.of(inquiry, weighed, work, visit)
        lines = compared(inquiry, weighed, work)
        present = inquiry.token.grant_in(work.caller.organization).bounds.conditions
    return visit.show(
        "approval",
        title=view.name,
        request=view,
        lines=lines,
        weighed=weighed,
        present=present if view.widens else None,
        begin=filled_with(view.conditions),
    )


def accept(visit: Visit) -> Answer:
    """Approve it as it was asked, or for what is still ticked."""
    with visit.read() as work:
        inquiry = show_request(work, _id(visit))
        wish = _narrower(visit, inquiry, work)
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


def _narrower(visit: Visit, inquiry: Inquiry, work: Work) -> Wish:
    """Return what is ticked, where that is less than was asked."""
    form, bounds = visit.form, inquiry.request.bounds
    wish = Wish(
        expires_at=end_of(form.text("expires_at"), inquiry.request.expires_at),
        **conditions_in(form),
    )
    wish = without_the_same(wish, bounds.conditions)
    chosen = work.vocabulary().read(form.many("scopes"))
    if bounds.scopes is None:
        if chosen:
            wish = replace(wish, inherit=False, scopes=chosen)
    elif not chosen:
        raise Invalid(
            Code.INVALID_FIELD, N_("Leave at least one scope, or deny the request."),
            field="/data/attributes/scopes",
        )  # fmt: skip
    elif chosen != bounds.scopes:
        wish = replace(wish, scopes=chosen)
    if bounds.roots is not None:
        told = request_told(work, inquiry.request).bounds.roots or frozenset()
        roots = frozenset(NodeId(ids.read(Prefix.NODE, one)) for one in form.many("roots"))
        if told and not roots:
            raise Invalid(
                Code.INVALID_FIELD, N_("Leave at least one root node, or deny the request."),
                field="/data/attributes/roots",
            )  # fmt: skip
        roots |= bounds.roots - told
        if roots != bounds.roots:
            wish = replace(wish, roots=roots)
    open_at = surfaces(*(one for one in Surface if form.ticked("surfaces", str(one))))
    return wish if open_at == bounds.surfaces else replace(wish, surfaces=open_at)


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
        also=("token_request.weigh", "node.lineage", "node.list"),
        parts=_REQUEST,
    ),
    Page(
        "POST",
        f"{_PATH}/approve",
        accept,
        _TITLE,
        operation="token_request.approve",
        also=("token_request.show", "token_request.weigh", "node.lineage", "node.list"),
        parts=_REQUEST,
        form=show,
    ),
    Page(
        "POST",
        f"{_PATH}/deny",
        refuse,
        _TITLE,
        operation="token_request.deny",
        also=("token_request.show", "token_request.weigh", "node.lineage", "node.list"),
        parts=_REQUEST,
        form=show,
    ),
)
