"""The catalog: entities by page, by type, by term, and one by its identifier."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal

from counterfoil.content import Entity, Sought, list_entities
from counterfoil.content.catalog import show_entity
from counterfoil.content.doors.cursor import seal, unseal
from counterfoil.dialects.dx.voice import DX, with_claims
from counterfoil.jsonapi.given import Given, Id, Instant
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Malformed

_TEXT_CHARS: Final = 200
_TEXT: Final = {"type": "string", "maxLength": _TEXT_CHARS}
_USUAL, _MOST = 50, 100
_route = partial(Route, dialect=DX, section="DX Web API")


class EntityShown(Given, frozen=True):
    """An entity of the catalog; what nobody said of it is null or empty."""

    id: Id
    identifier: Any
    name: Any
    type: Any
    description: Any
    created_at: Instant
    updated_at: Instant
    owner_teams: Any
    owner_users: Any
    domain: Any
    properties: Any
    aliases: Any


class NextCursor(Given, frozen=True):
    """What leads on to the next page; null at the end."""

    next_cursor: str | None


class Entities(Given, frozen=True):
    """A page of entities."""

    ok: Literal[True]
    entities: list[EntityShown]
    response_metadata: NextCursor


class OneEntity(Given, frozen=True):
    """One entity."""

    ok: Literal[True]
    entity: EntityShown


def listed(asked: Asked) -> Answer:
    """Answer GET /dx/catalog.entities.list."""
    asked = with_claims(asked)
    query, key = asked.query, asked.office.cursor_key
    type_, term, cursor = (_text(asked, name) for name in ("type", "search_term", "cursor"))
    context = f"{asked.caller.organization}.{asked.caller.token} dx {type_!r} {term!r}"
    sought = Sought(
        type=type_,
        term=term,
        size=query.integer("limit", 1, _MOST) or _USUAL,
        after=None if cursor is None else unseal(key, context, cursor, "cursor"),
    )
    with asked.read() as work:
        found = list_entities(work, sought)
    after = None if found.last is None else seal(key, context, found.last)
    entities = [_show(one) for one in found.items]
    more = NextCursor(next_cursor=after)
    return Answer(200, Entities(ok=True, entities=entities, response_metadata=more))


def shown(asked: Asked) -> Answer:
    """Answer GET /dx/catalog.entities.info."""
    asked = with_claims(asked)
    identifier = _text(asked, "identifier")
    if identifier is None:
        raise Malformed(detail="Name the entity.", meta={"parameter": "identifier"})
    with asked.read() as work:
        return Answer(200, OneEntity(ok=True, entity=_show(show_entity(work, identifier))))


def _text(asked: Asked, name: str) -> str | None:
    text = asked.query.text(name) or None
    if name != "cursor" and text is not None and len(text) > _TEXT_CHARS:
        raise Malformed(
            detail=f"This has at most {_TEXT_CHARS} characters.", meta={"parameter": name}
        )
    return text


def _show(entity: Entity) -> EntityShown:
    said = entity.said
    return EntityShown(
        id=str(entity.id),
        identifier=said.get("identifier"),
        name=said.get("name"),
        type=said.get("type"),
        description=said.get("description"),
        created_at=entity.created_at,
        updated_at=entity.updated_at,
        owner_teams=said.get("owner_teams", []),
        owner_users=said.get("owner_users", []),
        domain=said.get("domain"),
        properties=said.get("properties", {}),
        aliases=said.get("aliases", {}),
    )


ROUTES: Final = (
    _route(
        "GET",
        "/dx/catalog.entities.list",
        listed,
        "catalog.list",
        "List the entities of the catalog",
        gives={200: Entities},
        query=(
            Parameter(
                "limit",
                f"How many a page holds; {_USUAL} if it is left out.",
                {"type": "integer", "minimum": 1, "maximum": _MOST},
                20,
            ),
            Parameter("cursor", "Where to go on: `next_cursor` of the page before."),
            Parameter("type", "Only entities of this type.", _TEXT, "service"),
            Parameter("search_term", "Only entities whose name holds this.", _TEXT, "shop"),
        ),
    ),
    _route(
        "GET",
        "/dx/catalog.entities.info",
        shown,
        "catalog.show",
        "Show one entity of the catalog",
        gives={200: OneEntity},
        query=(Parameter("identifier", "The entity.", _TEXT, "website", required=True),),
        fails=(Code.NOT_FOUND,),
    ),
)
