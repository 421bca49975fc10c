"""With which codes a route may fail: most of them follow from what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi.body import ANY_TYPE, FORM_TYPE
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import Code
from counterfoil.operation import Operation

_ALWAYS: Final = frozenset({
    Code.INVALID_REQUEST,
    Code.INTERNAL_ERROR,
    Code.NOT_READY,
    Code.QUARANTINED,
    Code.NO_ROOM,
})  # fmt: skip
_REFUSALS: Final = frozenset({
    Code.MISSING_AUTHORIZATION_HEADER,
    Code.INVALID_TOKEN,
    Code.TOKEN_EXPIRED,
    Code.TOKEN_DISABLED,
    Code.TOKEN_PENDING_APPROVAL,
    Code.TOKEN_HAS_NO_USER,
    Code.TOKEN_NOT_YET_VALID,
    Code.OWNER_DEACTIVATED,
    Code.NOT_A_MEMBER,
    Code.IP_NOT_ALLOWED,
    Code.POLICY_BLOCKED,
    Code.PROVIDER_REQUIRED,
    Code.RATE_LIMIT_EXCEEDED,
})  # fmt: skip
"""With what a route fails where somebody must say who asks."""

_BY_TRAIT: Final[tuple[tuple[Callable[[Route], bool], frozenset[Code]], ...]] = (
    (lambda route: bool(route.parts), frozenset({Code.NOT_FOUND})),
    (
        lambda route: route.dialect.picky and not route.media,
        frozenset({Code.INVALID_ACCEPT_HEADER}),
    ),
    (
        lambda route: HTTPStatus.PARTIAL_CONTENT in route.gives,
        frozenset({Code.RANGE_NOT_SATISFIABLE}),
    ),
    (
        lambda route: route.takes is not None,
        frozenset({Code.BODY_TOO_LARGE, Code.INVALID_FIELD}),
    ),
    (
        lambda route: route.takes is not None and route.reads != (FORM_TYPE,),
        frozenset({Code.INVALID_JSON_BODY}),
    ),
    (
        lambda route: route.takes is not None and ANY_TYPE not in route.reads,
        frozenset({Code.INVALID_CONTENT_TYPE_HEADER}),
    ),
    (lambda route: route.streams, frozenset({Code.BODY_TOO_LARGE})),
    (lambda route: route.versioned or route.conditional, frozenset({Code.STALE_VERSION})),
    (lambda route: route.conditional, frozenset({Code.PRECONDITION_REQUIRED})),
    (
        lambda route: route.idempotent,
        frozenset({Code.IDEMPOTENCY_IN_FLIGHT, Code.IDEMPOTENCY_KEY_REUSED}),
    ),
)
_OF_NODES: Final = ("content:", "assets:")


def codes(route: Route, doings: Sequence[Operation]) -> frozenset[Code]:
    """Return every code with which a route may fail that performs these operations.

    Those that only its verbs know of stand in `Route.fails`.
    """
    found = _ALWAYS.union(route.fails, route.dialect.fails)
    found = found.union(*(some for has, some in _BY_TRAIT if has(route)))
    if route.open:
        return found
    found = found.union(_REFUSALS, *map(_denials, doings))
    if all(doing.reads for doing in doings):
        return found
    return found | {Code.CONFLICT}  # what the caller may do has changed while it was done


def statuses(route: Route, doings: Sequence[Operation]) -> list[int]:
    """Return every status with which a route may fail."""
    return sorted({status_of(code) for code in codes(route, doings)})


def _denials(doing: Operation) -> Iterator[Code]:
    """Yield with what an operation is denied, to whom or at its time."""
    if doing.requires is not None:
        yield Code.INSUFFICIENT_SCOPE
        if str(doing.requires).startswith(_OF_NODES):
            yield from (Code.INSUFFICIENT_ROLE, Code.OUTSIDE_ROOT_NODES)
            if not doing.reads:
                yield Code.LOCKED
        if doing.requires == Scope.TOKENS_MANAGE:
            yield Code.LOCKED
    elif doing.owner:
        yield Code.INSUFFICIENT_ROLE
    if doing.surface is not None:
        yield Code.API_NOT_ENABLED_FOR_TOKEN
    yield doing.denies_with
    if doing.fresh:
        yield Code.STEP_UP_REQUIRED
