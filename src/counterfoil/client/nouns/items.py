"""Entries: what the office edits, and what is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from counterfoil.client.answer import Answer
from counterfoil.client.effect import Effect
from counterfoil.client.model_content import Item
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.resource import version_of
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb

_TYPE: Final = "item"
_PATH: Final = "/cma/items"


class Items(Noun[W]):
    """Entries, drafts and all, through the management surface."""

    @list_verb
    def list(self, /, *, sort: str = "", **filters: str) -> Listing[Item]:
        """Yield entries; `type`, `under`, `path`, `query` and the other filters of the API."""
        return Listing(_PATH, query(filters, sort), Item.of)

    @verb
    def get(self, id_: str) -> Steps[Item]:
        """Return one entry."""
        return _item((yield from self.wire.manners.ask("GET", f"{_PATH}/{part(id_)}")))

    @verb
    def create(
        self, item_type: str, parent: str, fields: Mapping[str, Any], *, slug: str = ""
    ) -> Steps[Item]:
        """Make a draft of a content type below a node, each by its id."""
        document = body(
            _TYPE,
            fields,
            ties={"item_type": ("item_type", item_type), "parent": ("node", parent)},
            meta={"slug": slug} if slug else {},
        )
        return _item((yield from self.wire.manners.create(_PATH, document)))

    @verb
    def edit(
        self,
        id_: str,
        fields: Mapping[str, Any],
        *,
        parent: str | None = None,
        version: int | None = None,
    ) -> Steps[Item]:
        """Change fields, and move it where a parent is named."""
        ties = {"parent": ("node", parent) if parent else None}
        ask = self.wire.manners.ask(
            "PATCH",
            f"{_PATH}/{part(id_)}",
            body=body(_TYPE, fields, id_, ties),
            headers=if_match(version),
        )
        return _item((yield from ask))

    @verb
    def publish(self, id_: str, *, version: int | None = None) -> Steps[Item]:
        """Publish what it is now."""
        path = f"{_PATH}/{part(id_)}/publish"
        return _item((yield from self.wire.manners.ask("PUT", path, headers=if_match(version))))

    @verb
    def unpublish(self, id_: str) -> Steps[Item]:
        """Take it off the delivery surface; the draft stays."""
        return _item((yield from self.wire.manners.ask("PUT", f"{_PATH}/{part(id_)}/unpublish")))

    @verb
    def trash(self, id_: str, *, version: int | None = None) -> Steps[Effect | None]:
        """Put it into the trash; return where that holds."""
        path = f"{_PATH}/{part(id_)}"
        ask = self.wire.manners.ask("DELETE", path, headers=if_match(version))
        return Effect.of((yield from ask))


class Delivered(Noun[W]):
    """Entries as readers get them: published ones, or drafts through the preview surface."""

    def __init__(self, wire: W, base: str) -> None:
        super().__init__(wire)
        self._base = base

    @list_verb
    def items(self, /, *, sort: str = "", **filters: str) -> Listing[Item]:
        """Yield entries; `type`, `under`, `path`, `query` and the other filters of the API."""
        return Listing(f"{self._base}/items", query(filters, sort), Item.of)

    @verb
    def item(self, id_: str) -> Steps[Item]:
        """Return one entry."""
        path = f"{self._base}/items/{part(id_)}"
        return _item((yield from self.wire.manners.ask("GET", path)))


def _item(answer: Answer) -> Item:
    return Item.of(answer.data, version_of(answer), Effect.of(answer))
