"""Who can do what a scope allows, over HTTP: people and tokens, on a node or anywhere at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal, TypeAlias

from counterfoil.access.surface import spell_surfaces
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import Given, Id, One, Paged
from counterfoil.jsonapi.parameter import PAGING, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid, Malformed
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.tokens.doors.wire_stakes import TYPES, TokenType
from counterfoil.tokens.who_can import Able, can_self, who_can

_PATH: Final = "/cma/who_can"
_SCOPE: Final = "filter[scope]"
_NODE: Final = "filter[node]"
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
    """What the credential can do with which this was asked; its id is that of the token."""

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
    facts = CanFacts(
        can=found is not None,
        scope=scope,
        node=None if node is None else str(node),
        surfaces=spell_surfaces(found or 0),
    )
    return Answer(200, One(CanShown(id=str(asked.caller.token or 0), attributes=facts)))


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
    Route(
        "GET",
        "/cma/token/can",
        answered,
        "access.can_self",
        "Can I do what a scope allows, on a node or anywhere at all",
        section="The token itself",
        gives={200: One[CanShown]},
        query=(
            Parameter(_SCOPE, "What it is about.", example="content:publish", required=True),
            id_in(_NODE, "Where; anywhere at all if it is left out.", Prefix.NODE),
        ),
    ),
)
"""What the office serves of who can; it is judged as each of their requests is."""
