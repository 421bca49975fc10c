"""Who can do what a scope allows, over HTTP: people and tokens, on a node or anywhere at all."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from counterfoil.access.surface import spell_surfaces
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import Given, Id, Paged
from counterfoil.jsonapi.parameter import PAGING, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid, Malformed
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.tokens.doors.wire_stakes import TYPES, TokenType
from counterfoil.tokens.who_can import Able, who_can

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


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/who_can."""
    scope, node = asked.query.text(_SCOPE), asked.query.id(Prefix.NODE, _NODE)
    if scope is None:
        raise _wrong(_SCOPE, "is missing: name what it is that they can.")
    wanted = cursor.wanted(asked, _PATH)
    with asked.read() as work:
        try:
            found = who_can(work, scope, None if node is None else NodeId(node), wanted)
        except Invalid as error:
            raise _wrong(_SCOPE if error.field == "/scope" else _NODE, error.detail) from error
    data = [_shown(one) for one in found.able.items]
    return Answer(200, cursor.paged(asked, _PATH, found.able, data))


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
)
"""What the office serves of who can; it is judged as each of their requests is."""
