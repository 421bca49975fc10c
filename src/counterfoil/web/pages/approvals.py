"""What waits for an approver, and what was decided: one by one, or several at once."""

from __future__ import annotations

from typing import Final

from counterfoil import tokens
from counterfoil.access.scope import Scope
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, RequestId
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.show import list_requests
from counterfoil.tokens.steps.requests import Decided
from counterfoil.tokens.weigh import weigh
from counterfoil.tokens.wish import Wish
from counterfoil.web import crumbs, shell
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.request_view import BADGES, RequestView, approved

PATH: Final = "/approvals"
_TITLE: Final = N_("Approvals")
_LONGEST: Final = 10
_SECOND: Final = N_("Approved by you, and waiting for somebody else's approval: %(count)d.")


def show(visit: Visit) -> Answer:
    """List the requests in one state, the newest first."""
    asked = visit.asked
    state = asked.query.one_of("state", RequestState) or RequestState.OPEN
    with visit.read() as work:
        found = list_requests(work, cursor.wanted(asked, PATH), None, state)
        rows = [
            RequestView.of(one, weigh(work, one.request.id), work, visit) for one in found.items
        ]
        waits = tokens.waiting(work.tx, work.caller.organization, work.caller.user)
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        further = crumbs.address(PATH, {}, {"state": (state,), "page[after]": (after,)})
    return visit.show(
        "approvals",
        rows=rows,
        total=found.total or 0,
        state=state,
        states=[(one, badge.word) for one, badge in BADGES.items()],
        further=further,
        waiting=waits.count,
        days=None if waits.since is None else (visit.now - waits.since).days,
    )


def decide(visit: Visit) -> Answer:
    """Approve as it was asked, or deny: the one in whose row that was said, or all that are ticked.

    What is wrong with one row's is said there; of several each goes its own way.
    """
    form = visit.form
    if form.text("row"):
        return _decide_one(visit)
    picked = [_read(one) for one in form.many("pick")]
    if not picked:
        raise Invalid(Code.INVALID_FIELD, N_("Choose at least one request."), field="/pick")
    approving = form.text("do") == "approve"
    done, first, said = 0, 0, []
    for id_, version in picked:
        try:
            with visit.work() as work:
                if approving:
                    waits = approve(work, id_, version, Wish()).missing > 0
                else:
                    waits = deny(work, id_, version, form.text("reason")).missing > 0
            done, first = done + (not waits), first + waits
        except CounterfoilError as error:
            if error.code in {Code.STEP_UP_REQUIRED, Code.INVALID_FIELD}:
                raise
            said.append(Notice(visit.explain(error), "warning"))
    if done:
        text = N_("Approved: %(count)d.") if approving else N_("Denied: %(count)d.")
        said.insert(0, Notice(visit.say(text, count=done)))
    if first:
        said.insert(0, Notice(visit.say(_SECOND, count=first)))
    return visit.go(PATH, *said[:5])


def _decide_one(visit: Visit) -> Answer:
    form = visit.form
    id_, version = _read(form.text("row"))
    with visit.work() as work:
        if form.text("do") == "approve":
            done = approve(work, id_, version, Wish())
            said = approved(done)
        else:
            done = _denied(work, id_, version, form)
            said = N_("Denied: %(name)s. Whoever asked reads your reason.")
    return visit.go(PATH, Notice(visit.say(said, name=done.token.name)))


def _denied(work: Work, id_: RequestId, version: int, form: Form) -> Decided:
    """Deny for the reason that stands in the row."""
    field = f"reason-{id_}"
    reason = form.text(field)
    try:
        return deny(work, id_, version, reason)
    except Invalid as error:
        if error.code is not Code.INVALID_FIELD:
            raise
        raise Invalid(error.code, error.detail, field=f"/{field}") from error


def _read(picked: str) -> tuple[RequestId, int]:
    """Read which request was ticked, and in which version it was on the page."""
    id_, _, version = picked.partition(".")
    if not (version.isascii() and version.isdigit()) or len(version) >= _LONGEST:
        raise NotFound(Code.NOT_FOUND, N_("There is no such request."))
    return RequestId(ids.read(Prefix.REQUEST, id_)), int(version)


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="token_request.list",
        also=("token_request.weigh", "node.lineage", "node.list"),
        query=(*PAGING, one_of("state", "Only requests in this state.", RequestState)),
        nav=Nav(
            shell.ACCOUNT,
            _TITLE,
            "inbox",
            10,
            needs=Scope.TOKENS_APPROVE,
            waiting=lambda tx, here, user: tokens.waiting(tx, here, user).count,
        ),
    ),
    Page(
        "POST",
        PATH,
        decide,
        _TITLE,
        operation="token_request.approve",
        also=(
            "token_request.deny",
            "token_request.list",
            "token_request.weigh",
            "node.lineage",
            "node.list",
        ),
        form=show,
    ),
)
