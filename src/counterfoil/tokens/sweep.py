"""What time does to tokens. Safety needs none of it: the gates compare with the clock.

Requests that waited too long close (A10b), and those whose requester was shut out; secrets whose
grace is over and exchanged tokens that expired are struck, so that the gates need not remember
them; and what nobody uses is switched off, where the policy says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from counterfoil import directory
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, Prefix, RequestId, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.expire import tell_of_end
from counterfoil.tokens.idle import disable_idle, idle_by_now
from counterfoil.tokens.model import Token
from counterfoil.tokens.outgrow import carry_out_due
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.steps.notify import LASTING
from counterfoil.tokens.steps.record import tell
from counterfoil.tokens.steps.requests import Decided, turn_down
from counterfoil.tokens.store import ending, lists, requests, rows, secrets

_SYSTEM: Final = frozenset({Method.SYSTEM})
_REMEMBERED: Final = timedelta(hours=1)
_TOGETHER: Final = 100
_ORIGIN: Final = Origin("sweep")

Acts: TypeAlias = Sequence[Callable[[Work], object]]

log = structlog.get_logger(__name__)


@operation("token_request.lapse", requires=None, methods=_SYSTEM)
def lapse(work: Work, id_: RequestId) -> Decided | None:
    """Close a request that waits too long or for nobody, unless it has just been decided."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.REQUEST, id_))
    found = requests.request(work.tx, here, id_)
    token = rows.hold(work.tx, here, found.token, (Kind.PERSONAL,))
    request = requests.open_request(work.tx, here, token.id)
    if request is None or request.id != id_:
        return None
    if request.state is not RequestState.OPEN:  # its requester was cut off
        return turn_down(work, request, token, request.state)
    if work.now < request.lapses_at:
        return None
    return turn_down(work, request, token, RequestState.LAPSED)


@operation("token.forget", requires=None, methods=_SYSTEM, vital=True)
def forget(work: Work, id_: TokenId) -> Token:
    """Strike an exchanged token that has expired."""
    work.permit(target=spell(Prefix.TOKEN, id_))
    token = rows.hold(work.tx, work.caller.organization, id_, (Kind.EXCHANGED,))
    return end(work, [token])[0] if token.expired(work.now) else token


@operation("token.retire_secret", requires=None, methods=_SYSTEM, vital=True)
def retire_secret(work: Work, id_: TokenId) -> Token:
    """Strike a token's former secret, whose grace is over."""
    work.permit(target=spell(Prefix.TOKEN, id_))
    token = rows.hold(work.tx, work.caller.organization, id_, (Kind.SERVICE,))
    struck = secrets.retire(work.tx, token.id, work.now, dying_by=work.now)
    if not struck:
        return token
    after = replace(token, version=token.version + 1)
    rows.save(work.tx, token, after)
    tell(work, after, struck)
    return after


def sweep(office: Office) -> int:
    """Do all that is due by now; return how much it was.

    Each is done in a transaction of its own, but for expired tokens, which come by the thousand.
    """
    now = office.clock()
    with office.database.reading() as tx:
        overdue = requests.overdue(tx, now)
        dying = lists.dying(tx, now)
        expired = lists.stale_exchanged(tx, now - _REMEMBERED)
        ending_soon = ending.untold(tx, now, LASTING)
        enforced = directory.enforcements_due(tx, now)
        idle = list(idle_by_now(tx, now))
    due: list[tuple[OrganizationId, Callable[[Work], object]]] = [
        *((where, partial(lapse, id_=request)) for where, request in overdue),
        *((where, partial(retire_secret, id_=token)) for where, token in dying),
        *((where, partial(tell_of_end, id_=token)) for where, token in ending_soon),
        *((where, partial(disable_idle, id_=token)) for where, token in idle),
    ]
    done = sum(_done(office, where, [act]) for where, act in due)
    done += sum(_done(office, where, acts) for where, acts in _forgetting(expired))
    return done + sum(_enforced(office, where) for where in enforced)


def _enforced(office: Office, where: OrganizationId) -> int:
    """Have all tokens of an organization come under its policy, some at a time."""
    all_done: list[bool] = []
    while not any(all_done):
        if not _done(office, where, [lambda work: all_done.append(carry_out_due(work))]):
            return 0
    return len(all_done)


def _forgetting(
    expired: list[tuple[OrganizationId, TokenId]],
) -> Iterator[tuple[OrganizationId, Acts]]:
    """Yield what strikes the expired tokens, so many of an organization at a time."""
    for where, found in groupby(sorted(expired), key=itemgetter(0)):
        while acts := [partial(forget, id_=token) for _, token in islice(found, _TOGETHER)]:
            yield where, acts


def _done(office: Office, where: OrganizationId, acts: Acts) -> int:
    """Do these in one transaction, and return how many were done.

    What cannot be done is left to the next sweep, and the others are done without it.
    """
    try:
        with office.work(_office_of(where), _ORIGIN) as work:
            for act in acts:
                act(work)
    except (CounterfoilError, SQLAlchemyError) as error:
        if len(acts) > 1:
            return sum(_done(office, where, [act]) for act in acts)
        log.warning("something due waits", organization=where, error=type(error).__name__)
        return 0
    return len(acts)


def _office_of(organization: OrganizationId) -> Caller:
    return Caller(organization, None, Method.SYSTEM, Grant(()))
