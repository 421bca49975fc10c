"""Content types, by their JSON Schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from counterfoil.client.model import ContentTypeSchema
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb

_TYPE: Final = "item_type"
_PATH: Final = "/cma/item-types"


class ContentTypes(Noun[W]):
    """Content types."""

    @list_verb
    def schemas(self) -> Listing[ContentTypeSchema]:
        """Yield the JSON Schema of every content type."""
        return Listing("/cma/content_type_schemas", query({}), ContentTypeSchema.of)

    @verb
    def define(
        self, api_key: str, name: str, schema_id: str, schema: Mapping[str, Any]
    ) -> Steps[None]:
        """Make a content type by its JSON Schema."""
        named = {"api_key": api_key, "name": name, "schema_id": schema_id, "body": schema}
        yield from self.wire.manners.create(_PATH, body(_TYPE, named))

    @verb
    def change(self, known: ContentTypeSchema, schema: Mapping[str, Any]) -> Steps[None]:
        """Give a content type another JSON Schema, if it is still what it was known as."""
        yield from self.wire.manners.ask(
            "PATCH",
            f"{_PATH}/{part(known.id)}",
            body=body(_TYPE, {"body": schema}, known.id),
            headers=if_match(known.version),
        )
