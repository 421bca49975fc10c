"""Flags: what a token does that is unlike it is pointed out to its owner and to admins (G12h).

Nothing is done to the token. Whoever looks at it sees why, and revokes it, disables it, or says
that all is well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.witness import NOBODY
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.authority import require_administrator
from counterfoil.tokens.steps.notify import LASTING, told_flagged
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import flags, rows, usage
from counterfoil.tokens.store.flags import Came, Whose
from counterfoil.tokens.suspicion import (
    Flag,
    Reason,
    is_burst,
    is_news,
    product_of,
    told_of_refusals,
)
from counterfoil.tokens.usage_model import HOUR, Bucket, hour_of

_SYSTEM: Final = frozenset({Method.SYSTEM})
_ORIGIN: Final = Origin("watch")
_BEFORE: Final = timedelta(days=7)

log = structlog.get_logger(__name__)


class _Sight(NamedTuple):
    """A flag as it shall be, and whether it rises or was up already."""

    whose: Whose
    flag: Flag
    rises: bool


@operation("token.flag", requires=None, methods=_SYSTEM)
def flag_token(work: Work, id_: TokenId, raised: Flag) -> None:
    """Raise a flag on a token."""
    work.permit(target=spell(Prefix.TOKEN, id_))
    flags.put(work.tx, Whose(work.caller.organization, id_), raised)
    token = rows.token(work.tx, work.caller.organization, id_, LASTING)
    told_flagged(work, token, str(raised.reason), raised.detail)


@operation("token.dismiss_flags", requires=Scope.TOKENS_APPROVE, owner=True)
def dismiss_flags(work: Work, id_: TokenId) -> Token:
    """Say that what a personal token was flagged for is all right."""
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, (Kind.PERSONAL,))
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    flags.dismiss(work.tx, Whose(here, id_), work.now, work.caller.user)
    return token


@operation("api_token.dismiss_flags", requires=Scope.TOKENS_MANAGE)
def dismiss_api_flags(work: Work, id_: TokenId) -> Token:
    """Say that what an API token was flagged for is all right: no token says so of itself."""
    return _dismissed(work, id_, Kind.SERVICE)


@operation("key_pair.dismiss_flags", requires=Scope.TOKENS_MANAGE)
def dismiss_pair_flags(work: Work, id_: TokenId) -> Token:
    """Say that what a pair was flagged for is all right."""
    return _dismissed(work, id_, Kind.CLIENT)


def _dismissed(work: Work, id_: TokenId, kind: Kind) -> Token:
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, (kind,))
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    flags.dismiss(work.tx, Whose(here, id_), work.now, work.caller.user)
    return token


def watch(office: Office) -> int:
    """Flag what is unlike its token in the present hour and the last; return how many flags rose.

    What came is familiar once its flags are up: if that fails, the next turn finds it new again.
    """
    now = office.clock()
    with office.database.reading() as tx:
        came = flags.unfamiliar(tx, hour_of(now) - HOUR)
        raised = [*_strangers(tx, came, now), *_bursts(tx, now)]
    rose, waiting = 0, set[Whose]()
    for sight in raised:
        try:
            rose += _up(office, sight)
        except (CounterfoilError, SQLAlchemyError) as error:
            waiting.add(sight.whose)
            where = sight.whose.organization_id
            log.warning("a flag waits", organization=where, error=type(error).__name__)
    if came:
        with office.database.transaction(NOBODY) as tx:
            for whose, sources in came.items():
                if whose not in waiting:
                    flags.learn(tx, whose, sources, now)
    return rose


def _strangers(tx: Connection, came: Came, now: datetime) -> Iterable[_Sight]:
    """Yield a flag for each token that came from a new network, or by a new client."""
    for whose, sources in came.items():
        before = flags.familiar(tx, whose)
        up = flags.of_one(tx, whose)
        networks = {one.network for one in sources if is_news(one.network, before.networks, now)}
        if networks:
            said = f"It was used from {_list(networks)}, where it never came from before."
            yield _raised(whose, up, Flag(Reason.NEW_NETWORK, said, now, now, len(networks)))
        clients = {product_of(one.client) for one in sources}
        new = {one for one in clients if is_news(one, before.products, now)}
        if new and before.clients < flags.MOST:
            said = f"It was used by {_list(new)}, which never used it before."
            yield _raised(whose, up, Flag(Reason.NEW_CLIENT, said, now, now, len(new)))


def _bursts(tx: Connection, now: datetime) -> Iterable[_Sight]:
    """Yield a flag for each token that was refused unusually often within the hour."""
    hour = hour_of(now)
    for whose in flags.refused_often(tx, hour):
        up = flags.of_one(tx, whose).get(Reason.REFUSALS)
        if up is not None and up.dismissed_at is not None and up.dismissed_at >= hour:
            continue
        hours: defaultdict[datetime, list[Bucket]] = defaultdict(list)
        for one in usage.buckets(tx, *whose, hour - _BEFORE):
            hours[one.hour].append(one)
        refused = hours.pop(hour)
        if not is_burst(refused, hours):
            continue
        count, said = told_of_refusals(refused)
        if up is None or not up.is_open:
            yield _Sight(whose, Flag(Reason.REFUSALS, said, now, now, count), rises=True)
        elif up.detail != said:
            yield _Sight(whose, replace(up, detail=said, last_at=now, count=count), rises=False)


def _raised(whose: Whose, up: Mapping[Reason, Flag], flag: Flag) -> _Sight:
    """Return what becomes of a flag: one that is up already is the same flag, seen again."""
    there = up.get(flag.reason)
    if there is None or not there.is_open:
        return _Sight(whose, flag, rises=True)
    count = there.count + flag.count
    return _Sight(whose, replace(flag, raised_at=there.raised_at, count=count), rises=False)


def _up(office: Office, sight: _Sight) -> bool:
    """Write a flag; that it rises goes on record, and not each time that it is seen again."""
    if not sight.rises:
        with office.database.transaction(NOBODY) as tx:
            flags.put(tx, sight.whose, sight.flag)
        return False
    caller = Caller(sight.whose.organization_id, None, Method.SYSTEM, Grant(()))
    with office.work(caller, _ORIGIN) as work:
        flag_token(work, sight.whose.token_id, sight.flag)
    return True


def _list(names: set[str]) -> str:
    """Spell some names, and say how many more there are."""
    first, more = sorted(names)[:3], len(names) - 3
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
