"""Who can do what a scope allows, over HTTP: people and tokens, on a node or anywhere at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, Literal, TypeAlias

from counterfoil.access.surface import Surfaces, spell_surfaces
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import Given, Id, One, Paged
from counterfoil.jsonapi.parameter import PAGING, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid, Malformed
from counterfoil.kernel.ids import NodeId, Prefix, TokenId
from counterfoil.operation import Work
from counterfoil.tokens.can import can_api_token, can_token
from counterfoil.tokens.doors.shared import token_id
from counterfoil.tokens.doors.wire_stakes import TYPES, TokenType
from counterfoil.tokens.who_can import Able, can_self, who_can

_PATH: Final = "/cma/who_can"
_SCOPE: Final = "filter[scope]"
_NODE: Final = "filter[node]"
_Can: TypeAlias = Callable[[Work, TokenId, str, NodeId | None], Surfaces | None]
AbleType: TypeAlias = Literal["user"] | TokenType


class AbleFacts(Given, frozen=True):
    """What they are called, by which roles they can, and at which surfaces.

    `user` is whose authority a token takes: null for one that takes a role's, which stands in
    `roles`. `surfaces` is empty for a scope of a registered API, where none counts.
    """

    name: str
    user: Id | None
    roles: list[str]
    surfaces: tuple[str, ...]


class AbleShown(Given, frozen=True):
    """A person, a token or a key-and-secret pair that can do it now."""

    type: AbleType
    id: Id
    attributes: AbleFacts


class CanFacts(Given, frozen=True):
    """Whether it can do that now, on the node or anywhere at all, and at which surfaces.

    A node that it does not see is one where it cannot.
    """

    can: bool
    scope: str
    node: Id | None
    surfaces: tuple[str, ...]


class CanShown(Given, frozen=True, tag_field="type", tag="token_ability"):
    """What a token can do; its id is that of the token."""

    id: str
    attributes: CanFacts


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/who_can."""
    scope, node = _asked(asked)
    wanted = cursor.wanted(asked, _PATH)
    with _questioned(), asked.read() as work:
        found = who_can(work, scope, node, wanted)
    data = [_shown(one) for one in found.able.items]
    return Answer(200, cursor.paged(asked, _PATH, found.able, data))


def answered(asked: Asked) -> Answer:
    """Answer GET /cma/token/can: whether whoever asks can do it themselves."""
    scope, node = _asked(asked)
    with _questioned(), asked.read() as work:
        found = can_self(work, scope, node)
    return _told(str(asked.caller.token or 0), scope, node, found)


def _of_another(can: _Can, asked: Asked) -> Answer:
    """Answer GET …/{id}/can: whether a token can do it, for whoever may see it."""
    scope, node = _asked(asked)
    with _questioned(), asked.read() as work:
        found = can(work, token_id(asked), scope, node)
    return _told(str(token_id(asked)), scope, node, found)


def _told(token: str, scope: str, node: NodeId | None, found: Surfaces | None) -> Answer:
    facts = CanFacts(
        can=found is not None,
        scope=scope,
        node=None if node is None else str(node),
        surfaces=spell_surfaces(found or 0),
    )
    return Answer(200, One(CanShown(id=token, attributes=facts)))


def _asked(asked: Asked) -> tuple[str, NodeId | None]:
    """Return the scope and the node that are asked about."""
    scope, node = asked.query.text(_SCOPE), asked.query.id(Prefix.NODE, _NODE)
    if scope is None:
        raise _wrong(_SCOPE, "is missing: name what it is that they can.")
    return scope, None if node is None else NodeId(node)


@contextmanager
def _questioned() -> Iterator[None]:
    """Name the parameter in which something is wrong."""
    try:
        yield
    except Invalid as error:
        raise _wrong(_SCOPE if error.field == "/scope" else _NODE, error.detail) from error


def _wrong(name: str, what: str | None) -> Malformed:
    told = f"The parameter {name!r}: {what}"
    return Malformed(Code.INVALID_REQUEST, told, meta={"parameter": name})


def _shown(one: Able) -> AbleShown:
    user = None if one.member is None else str(one.member.user)
    facts = AbleFacts(
        name=one.name, user=user, roles=list(one.roles), surfaces=spell_surfaces(one.surfaces)
    )
    if one.token is None:
        return AbleShown(type="user", id=user or "", attributes=facts)
    return AbleShown(type=TYPES[one.token.kind], id=str(one.token.id), attributes=facts)


_can = partial(
    Route,
    "GET",
    gives={200: One[CanShown]},
    query=(
        Parameter(_SCOPE, "What it is about.", example="content:publish", required=True),
        id_in(_NODE, "Where; anywhere at all if it is left out.", Prefix.NODE),
    ),
)
_can_of = partial(
    _can,
    parts=(id_in("id", "The token.", Prefix.TOKEN),),
    fails=(Code.NOT_FOUND, Code.OUTSIDE_ROOT_NODES),
)

ROUTES: Final = (
    Route(
        "GET",
        _PATH,
        listed,
        "access.who_can",
        "List the people and tokens that can do what a scope allows",
        section="Roles and scopes",
        gives={200: Paged[AbleShown]},
        query=(
            Parameter(
                _SCOPE,
                "What they can. Tokens are told to who may list them.",
                example="content:publish",
                required=True,
            ),
            id_in(_NODE, "Where; anywhere at all if it is left out.", Prefix.NODE),
            *PAGING,
        ),
        fails=(Code.NOT_FOUND, Code.OUTSIDE_ROOT_NODES),
    ),
    _can(
        path="/cma/token/can",
        handle=answered,
        operation="access.can_self",
        summary="Can I do what a scope allows, on a node or anywhere at all",
        section="The token itself",
    ),
    _can_of(
        path="/cma/personal_access_tokens/{id}/can",
        handle=partial(_of_another, can_token),
        operation="token.can",
        summary="Can a personal token do what a scope allows, on a node or anywhere at all",
        section="Personal Access Tokens",
    ),
    _can_of(
        path="/cma/api_tokens/{id}/can",
        handle=partial(_of_another, can_api_token),
        operation="api_token.can",
        summary="Can an API token do what a scope allows, on a node or anywhere at all",
        section="API tokens",
    ),
)
"""What the office serves of who can; it is judged as each of their requests is."""
