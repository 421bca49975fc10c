"""Token requests over HTTP: what waits for approval, and the decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import One, OnRecord, Paged, etag
from counterfoil.jsonapi.parameter import PAGING, TEXT, Parameter, id_in, one_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Unconditional
from counterfoil.kernel.ids import Prefix, RequestId, UserId
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, cancel, deny
from counterfoil.tokens.doors.examples import APPROVAL, DENIAL
from counterfoil.tokens.doors.shared import shown, user_in
from counterfoil.tokens.doors.wire import (
    ApprovalBody,
    DenialBody,
    NarrowerAttributes,
    wish_of,
)
from counterfoil.tokens.doors.wire_show import DecidedRequest, TokenRequest, show_request
from counterfoil.tokens.remind import remind
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.show import Inquiry, list_requests
from counterfoil.tokens.show import show_request as find_request
from counterfoil.tokens.steps.requests import Decided
from counterfoil.tokens.steps.told import request_told

_PATH: Final = "/cma/token_requests"
_route = partial(Route, section="Token requests")
_NOTHING: Final = frozenset({b"", b"{}"})


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/token_requests: all of them to who may approve, to others their own."""
    wanted, requester = cursor.wanted(asked, _PATH), _requester(asked)
    state = asked.query.one_of("filter[state]", RequestState)
    with asked.read() as work:
        page = list_requests(work, wanted, requester, state)
        data = [_described(work, inquiry) for inquiry in page.items]
    return Answer(200, cursor.paged(asked, _PATH, page, data))


def found(asked: Asked) -> Answer:
    """Answer GET /cma/token_requests/{id}; its ETag is what a decision names in If-Match."""
    with asked.read() as work:
        inquiry = find_request(work, _id(asked))
        return shown(_described(work, inquiry), inquiry.request.version)


def approved(asked: Asked) -> Answer:
    """Answer POST /cma/token_requests/{id}/approve; the body may give less, and a reason."""
    id_, said = _id(asked), NarrowerAttributes()
    if asked.raw.strip() not in _NOTHING:
        data = asked.struct(ApprovalBody).data
        require_same_id(data.id, Prefix.REQUEST, id_)
        said = data.attributes
    return _decided(
        asked,
        lambda work: approve(
            work, id_, _version(asked), wish_of(said, work.vocabulary()), said.reason
        ),
    )


def denied(asked: Asked) -> Answer:
    """Answer POST /cma/token_requests/{id}/deny; the body may give the reason."""
    id_, reason = _id(asked), ""
    if asked.raw.strip() not in _NOTHING:
        data = asked.struct(DenialBody).data
        require_same_id(data.id, Prefix.REQUEST, id_)
        reason = data.attributes.reason
    return _decided(asked, lambda work: deny(work, id_, _version(asked), reason))


def cancelled(asked: Asked) -> Answer:
    """Answer POST /cma/token_requests/{id}/cancel."""
    id_ = _id(asked)
    if asked.raw.strip() not in _NOTHING:
        require_same_id(asked.struct(DenialBody).data.id, Prefix.REQUEST, id_)
    return _decided(asked, lambda work: cancel(work, id_, _version(asked)))


def reminded(asked: Asked) -> Answer:
    """Answer POST /cma/token_requests/{id}/remind: the request, of which they were told again."""
    id_ = _id(asked)
    with asked.work() as work:
        remind(work, id_)
    return found(asked)


def _decided(asked: Asked, decide: Callable[[Work], Decided]) -> Answer:
    with asked.work() as work:
        done = decide(work)
        inquiry = Inquiry(
            done.request, done.token, done.requester, done.approvers, missing=done.missing
        )
        data = _described(work, inquiry)
    return Answer(200, DecidedRequest(data, OnRecord()), etag(done.request.version))


def _described(work: Work, inquiry: Inquiry) -> TokenRequest:
    told = replace(inquiry, request=request_told(work, inquiry.request))
    return show_request(told, work.vocabulary())


def _id(asked: Asked) -> RequestId:
    return RequestId(ids.read(Prefix.REQUEST, asked.params["id"]))


def _version(asked: Asked) -> int:
    version = asked.if_match()
    if version is None:
        raise Unconditional(
            Code.PRECONDITION_REQUIRED, "Say in If-Match which version you looked at."
        )
    return version


def _requester(asked: Asked) -> UserId | None:
    text = asked.query.text("filter[requester]")
    if text is None:
        return None if asked.caller.grant.scopes & Scope.TOKENS_APPROVE.bit else asked.caller.user
    return asked.caller.user if text == "me" else user_in(asked, "filter[requester]")


_STATES: Final = one_of("filter[state]", "Only requests in this state.", RequestState)
_REQUESTER: Final = Parameter(
    "filter[requester]",
    "Whose: `me` or a user's id. Left out, it is everybody's to who may approve, else your own.",
    TEXT,
    "me",
)
_one = partial(
    _route,
    parts=(id_in("id", "The request.", Prefix.REQUEST),),
    gives={200: One[TokenRequest]},
)
_deciding = partial(_one, gives={200: DecidedRequest}, optional=True, conditional=True)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "token_request.list",
        "List requests: all of them to who may approve, to others their own",
        gives={200: Paged[TokenRequest]},
        query=(*PAGING, _REQUESTER, _STATES),
    ),
    _one("GET", f"{_PATH}/{{id}}", found, "token_request.show", "Show a request"),
    _deciding(
        "POST",
        f"{_PATH}/{{id}}/approve",
        approved,
        "token_request.approve",
        "Approve a request, or less than it asks for",
        takes=ApprovalBody,
        example=APPROVAL,
        fails=(
            Code.OWN_REQUEST,
            Code.INSUFFICIENT_ROLE,
            Code.CONFLICT,
            Code.REQUEST_CLOSED,
            Code.SCOPE_ABOVE_ROLE,
        ),
    ),
    _deciding(
        "POST",
        f"{_PATH}/{{id}}/deny",
        denied,
        "token_request.deny",
        "Deny a request, and say why",
        takes=DenialBody,
        example=DENIAL,
        fails=(Code.OWN_REQUEST, Code.REQUEST_CLOSED),
    ),
    _deciding(
        "POST",
        f"{_PATH}/{{id}}/cancel",
        cancelled,
        "token_request.cancel",
        "Withdraw a request of your own",
        takes=DenialBody,
        example=DENIAL,
        fails=(Code.REQUEST_CLOSED,),
    ),
    _one(
        "POST",
        f"{_PATH}/{{id}}/remind",
        reminded,
        "token_request.remind",
        "Remind those who may decide of a request of your own, once a day",
        also=("token_request.show",),
        fails=(Code.REQUEST_CLOSED,),
    ),
)
"""What the office serves of requests."""
