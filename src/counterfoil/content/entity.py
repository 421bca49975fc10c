"""What an entity of the catalog is: the content type that an organization with a catalog has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

API_KEY: Final = "catalog_entity"
"""The content type whose entries are the catalog."""
NAME: Final = "Catalog entity"

_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 200}
_OWNERS: Final = {
    "type": "array",
    "maxItems": 100,
    "items": {
        "type": "object",
        "properties": {"id": _NAME, "name": _NAME},
        "required": ["id", "name"],
        "additionalProperties": False,
    },
}
SCHEMA_ID: Final = "urn:counterfoil:schema:catalog-entity"
SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": SCHEMA_ID,
    "title": NAME,
    "type": "object",
    "properties": {
        "identifier": _NAME,
        "name": _NAME,
        "type": _NAME,
        "description": {"type": "string", "maxLength": 4000},
        "domain": {
            "type": "object",
            "properties": {"identifier": _NAME, "name": _NAME},
            "required": ["identifier", "name"],
            "additionalProperties": False,
        },
        "owner_teams": _OWNERS,
        "owner_users": _OWNERS,
        "properties": {"type": "object", "maxProperties": 100},
        "aliases": {"type": "object", "maxProperties": 100},
    },
    "required": ["identifier", "name", "type"],
    "additionalProperties": False,
}
"""How an entity is described, after the entities of DX's Web API; an organization may edit it."""
