"""The catalog: entities by page, by type, by term, and one by its identifier."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from counterfoil.content import Entity, Sought, list_entities
from counterfoil.content.catalog import show_entity
from counterfoil.content.doors.cursor import seal, unseal
from counterfoil.dialects.dx.voice import DX, with_claims
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Malformed

_TEXT_CHARS: Final = 200
_USUAL, _MOST = 50, 100
_route = partial(Route, dialect=DX, section="DX Web API")


class Entities(Body, frozen=True):
    """A page of entities; `response_metadata.next_cursor` leads on, and is null at the end."""

    ok: bool
    entities: list[dict[str, Any]]
    response_metadata: dict[str, str | None]


class One(Body, frozen=True):
    """One entity."""

    ok: bool
    entity: dict[str, Any]


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
        after=None if cursor is None else unseal(key, context, cursor),
    )
    with asked.read() as work:
        found = list_entities(work, sought)
    after = None if found.last is None else seal(key, context, found.last)
    entities = [_show(one) for one in found.items]
    return Answer(
        200, {"ok": True, "entities": entities, "response_metadata": {"next_cursor": after}}
    )


def shown(asked: Asked) -> Answer:
    """Answer GET /dx/catalog.entities.info."""
    asked = with_claims(asked)
    identifier = _text(asked, "identifier")
    if identifier is None:
        raise Malformed(detail="Name the entity.", meta={"parameter": "identifier"})
    with asked.read() as work:
        return Answer(200, {"ok": True, "entity": _show(show_entity(work, identifier))})


def _text(asked: Asked, name: str) -> str | None:
    text = asked.query.text(name) or None
    if name != "cursor" and text is not None and len(text) > _TEXT_CHARS:
        raise Malformed(
            detail=f"This has at most {_TEXT_CHARS} characters.", meta={"parameter": name}
        )
    return text


def _show(entity: Entity) -> dict[str, Any]:
    said = entity.said
    return {
        "id": str(entity.id),
        "identifier": said.get("identifier"),
        "name": said.get("name"),
        "type": said.get("type"),
        "description": said.get("description"),
        "created_at": entity.created_at,
        "updated_at": entity.updated_at,
        "owner_teams": said.get("owner_teams", []),
        "owner_users": said.get("owner_users", []),
        "domain": said.get("domain"),
        "properties": said.get("properties", {}),
        "aliases": said.get("aliases", {}),
    }


ROUTES: Final = (
    _route(
        "GET",
        "/dx/catalog.entities.list",
        listed,
        "catalog.list",
        "List the entities of the catalog",
        gives={200: Entities},
        query=("limit", "cursor", "type", "search_term"),
    ),
    _route(
        "GET",
        "/dx/catalog.entities.info",
        shown,
        "catalog.show",
        "Show one entity of the catalog",
        gives={200: One},
        query=("identifier",),
    ),
)
