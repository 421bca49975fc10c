"""What a list of tokens takes in its address: which are sought, and in which order."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import FLAG, Parameter, one_of
from counterfoil.jsonapi.query import Query
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.tokens.sought import Key, Order, Sought, Standing

_STATE: Final = "filter[state]"
_QUERY: Final = "filter[query]"
_EXPIRES_BEFORE: Final = "filter[expires_before]"
_EXPIRES_AFTER: Final = "filter[expires_after]"
_CREATED_BEFORE: Final = "filter[created_before]"
_CREATED_AFTER: Final = "filter[created_after]"
_UNUSED_SINCE: Final = "filter[last_used_before]"
_USED_SINCE: Final = "filter[last_used_after]"
_OVER_SINCE: Final = "filter[over_after]"
_USED: Final = "filter[used]"
_FLAGGED: Final = "filter[flagged]"
_SORT: Final = "sort"
_MOST_CHARS: Final = 100

_ORDERS: Final = {
    f"{sign}{key}": Order(key, descending=bool(sign)) for key in Key for sign in ("", "-")
}
_INSTANT: Final = {"type": "string", "format": "date-time"}
_THEN: Final = "2026-12-31T00:00:00Z"

STATES: Final = Parameter(
    _STATE,
    "Only tokens in one of these states.",
    {"type": "string", "enum": [*Standing]},
    "active",
    many=True,
)
SEEKING: Final = (
    Parameter(
        _QUERY,
        "Only tokens whose name holds this, or whose secret ends in these four characters.",
        {"type": "string", "minLength": 1, "maxLength": _MOST_CHARS},
        "laptop",
    ),
    Parameter(_EXPIRES_BEFORE, "Only tokens that end, and do so before then.", _INSTANT, _THEN),
    Parameter(_EXPIRES_AFTER, "Only tokens that end after then, or never.", _INSTANT, _THEN),
    Parameter(_CREATED_BEFORE, "Only tokens that were made before then.", _INSTANT, _THEN),
    Parameter(_CREATED_AFTER, "Only tokens that were made after then.", _INSTANT, _THEN),
    Parameter(
        _UNUSED_SINCE,
        "Only tokens that were last used before then, or made before then and never used.",
        _INSTANT,
        _THEN,
    ),
    Parameter(_USED_SINCE, "Only tokens that were used then or later.", _INSTANT, _THEN),
    Parameter(
        _OVER_SINCE,
        "Only tokens that are not over, or were over then or later: revoked, denied or expired.",
        _INSTANT,
        _THEN,
    ),
    Parameter(_USED, "Only tokens that were ever used here, or that never were.", FLAG),
    Parameter(_FLAGGED, "Only tokens with a flag that nobody has dismissed, or without.", FLAG),
    one_of(
        _SORT,
        "By what to sort; a - before it turns it round. A token without an end comes after those"
        " that have one, and one that was never used before those that were.",
        _ORDERS,
    ),
)


def sought(query: Query) -> Sought:
    """Return which tokens are sought.

    Raises:
        Malformed: naming the parameter that is wrong.
    """
    return Sought(
        standings=_standings(query),
        query=_text(query),
        expires_before=query.instant(_EXPIRES_BEFORE),
        expires_after=query.instant(_EXPIRES_AFTER),
        created_before=query.instant(_CREATED_BEFORE),
        created_after=query.instant(_CREATED_AFTER),
        unused_since=query.instant(_UNUSED_SINCE),
        used_since=query.instant(_USED_SINCE),
        over_since=query.instant(_OVER_SINCE),
        used=query.boolean(_USED),
        flagged=query.boolean(_FLAGGED),
    )


def order(query: Query, otherwise: Order) -> Order:
    """Return by what to sort.

    Raises:
        Malformed: for what is no order.
    """
    given = query.text(_SORT)
    if given is None:
        return otherwise
    if given not in _ORDERS:
        raise _wrong(_SORT, f"is one of {', '.join(Key)}, or one of them after a -")
    return _ORDERS[given]


def _standings(query: Query) -> tuple[Standing, ...]:
    try:
        return tuple(Standing(word) for word in query.many(_STATE))
    except ValueError:
        raise _wrong(_STATE, f"is made of {', '.join(Standing)}") from None


def _text(query: Query) -> str:
    given = query.text(_QUERY)
    if given is None:
        return ""
    if not 0 < len(given.strip()) <= _MOST_CHARS:
        raise _wrong(_QUERY, f"has between 1 and {_MOST_CHARS} characters")
    return given.strip()


def _wrong(name: str, what: str) -> Malformed:
    told = f"The parameter {name!r} {what}."
    return Malformed(Code.INVALID_REQUEST, told, meta={"parameter": name})
