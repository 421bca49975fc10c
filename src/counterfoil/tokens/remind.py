"""Whoever asked for a token reminds those who may decide: once a day, and beside the daily mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import Prefix, RequestId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.steps.notify import last_reminded, told_again
from counterfoil.tokens.steps.requests import who_decide
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import requests, rows

EVERY: Final = timedelta(days=1)
"""How often somebody may remind of one request."""


@operation("token_request.remind", requires=None, owner=True)
def remind(work: Work, id_: RequestId) -> Request:
    """Remind everybody who may decide a request of one's own.

    Raises:
        Conflict: REQUEST_CLOSED if nothing waits any more; CONFLICT if nobody may decide it, or
            they were reminded less than a day ago: `meta.again_at` says when they may be again.
    """
    here = work.caller.organization
    found = requests.request(work.tx, here, id_)
    token = rows.hold(work.tx, here, found.token, (Kind.PERSONAL,))
    request = requests.request(work.tx, here, id_)
    permit_seen(work, request.requester, spell(Prefix.REQUEST, id_))
    request.open_at(work.now)
    others = who_decide(work, request)
    if not others:
        raise Conflict(Code.CONFLICT, "Nobody can decide it at the moment.")
    last = last_reminded(work, request)
    if last is not None and work.now < last + EVERY:
        raise Conflict(
            Code.CONFLICT,
            "They were reminded less than a day ago.",
            meta={"again_at": spell_instant(last + EVERY)},
        )
    told_again(work, request, token, others)
    return request
