"""What the audit page filters by: as its address says it, and as people keep it under names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from counterfoil.access.networks import Networks
from counterfoil.audit.read import Sought
from counterfoil.audit.record import ALLOWED, BESIDE, LOOKS
from counterfoil.directory.model import SavedQuery
from counterfoil.jsonapi.parameter import SAMPLE, TEXT, Parameter, id_in, one_of
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, Invalid, Malformed
from counterfoil.kernel.ids import ApiId, Prefix, TokenId, UserId
from counterfoil.operation import OPERATIONS, only_look
from counterfoil.web import crumbs
from counterfoil.web.page import Visit

PATH: Final = "/audit"
QUERIES: Final = f"{PATH}/queries"
OUTCOMES: Final = (ALLOWED, *sorted(map(str, Code)))
_ALL: Final = "all"
_ADDRESS: Final = "address"
_MINUTE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")

FILTERS: Final = (
    id_in("actor", "Only what this user did.", Prefix.USER),
    id_in("token", "Only what was done with this credential.", Prefix.TOKEN),
    id_in("api", "Only what went through the gate to this API.", Prefix.API),
    Parameter("operation", "Only this operation.", TEXT, "token.revoke"),
    Parameter("target", "Only what was done on this.", TEXT, f"tok_{SAMPLE}"),
    Parameter("outcome", "`allowed`, or the code of a refusal.", TEXT, "allowed"),
    Parameter(_ADDRESS, "Only what came from there.", TEXT, "203.0.113.0/24"),
    Parameter("since", "At or after this instant.", TEXT, "2026-01-31T12:00"),
    Parameter("before", "Before this instant.", TEXT, "2027-01-31T12:00"),
    one_of("show", "Whether what was only looked at stands there too.", ("changes", _ALL)),
)
_NAMES: Final = tuple(one.name for one in FILTERS)


@dataclass(frozen=True, slots=True)
class Saved:
    """A filter that somebody keeps: what it is called, where it leads, and whether one is there."""

    name: str
    address: str
    is_here: bool


def without_blanks(asked: Asked) -> Asked:
    """Return the request without the fields of a form that were left empty."""
    kept = {name: given for name, given in asked.query.values.items() if any(given)}
    whole = {
        name: (f"{given[0]}:00Z",)
        for name, given in kept.items()
        if name in {"since", "before"} and _MINUTE.fullmatch(given[0])
    }
    return replace(asked, query=Query({**kept, **whole}))


def sought_in(query: Query) -> Sought:
    """Return what the address asks for."""
    user, token = query.id(Prefix.USER, "actor"), query.id(Prefix.TOKEN, "token")
    api = query.id(Prefix.API, "api")
    operation = query.among("operation", OPERATIONS.keys() | BESIDE)
    reads = query.text("show") == _ALL or operation is not None
    return Sought(
        user=None if user is None else UserId(user),
        token=None if token is None else TokenId(token),
        operation=operation,
        targets=query.spellings("target"),
        outcome=query.among("outcome", OUTCOMES),
        networks=query.networks(_ADDRESS),
        since=query.instant("since"),
        before=query.instant("before"),
        beside=() if reads else (*only_look(), LOOKS),
        above=query.integer("above"),
        api=None if api is None else ApiId(api),
    )


def understood(visit: Visit, query: Query) -> tuple[Visit, Sought]:
    """Return what the address asks for, and the visit.

    People type a network by hand: of one that is none the visit says so beside its field, and
    nothing is found.
    """
    try:
        return visit, sought_in(query)
    except Malformed as error:
        if error.meta.get("parameter") != _ADDRESS:
            raise
        wrong = Invalid(Code.INVALID_FIELD, error.sentence, field=f"/{_ADDRESS}")
    rest = {name: given for name, given in query.values.items() if name != _ADDRESS}
    return visit.failed(wrong, 400), replace(sought_in(Query(rest)), networks=Networks())


def asks_in(query: Query) -> dict[str, str]:
    """Return what the address filters by, without where one stands in the list."""
    return {name: said for name, said in query.kept().items() if name in _NAMES}


def saved(one: SavedQuery, asks: Mapping[str, str]) -> Saved:
    """Return a filter that somebody keeps, for a page that filters by this."""
    return Saved(one.name, address_of(one.asks), one.asks == asks)


def address_of(asks: Mapping[str, str], path: str = PATH) -> str:
    """Return the address of a page that filters by this."""
    return crumbs.address(path, {}, {name: (said,) for name, said in asks.items()})
