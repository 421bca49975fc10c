"""Docks with values of every kind, for what is found by them."""

from __future__ import annotations

from typing import Any, Final

from counterfoil.content import locales
from counterfoil.kernel.ids import NodeId
from support.content import Garden

BASES: Final = ("/cma", "/cda", "/cda/preview")
OF: Final = "filter[type]=dock&filter[fields]"
PROPERTIES: Final[dict[str, Any]] = {
    "name": {"type": "string"},
    "rank": {"type": ["integer", "null"]},
    "price": {"type": "number"},
    "open": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "motto": {"type": "string", "x-localized": True},
    "near": {"type": "string", "x-reference": ["dock"]},
    "ranks": {"type": ["array", "null"], "items": {"type": "number"}},
    "mottos": {"type": "array", "items": {"type": "string"}, "x-localized": True},
    "all_near": {"type": "array", "items": {"type": "string", "x-reference": []}},
}


class Harbour:
    """A garden with docks, which have values of every kind."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        with garden.work() as work:
            locales.edit_locales(work, ["en", "de"])
        self.dock = garden.shaped("dock", **PROPERTIES)
        self.inside = garden.folder(garden.root, "inside")
        self.outside = garden.folder(garden.root, "outside")

    def make(
        self, slug: str, place: NodeId | None = None, *, published: bool = True, **said: Any
    ) -> NodeId:
        return self.garden.told(place or self.inside, self.dock, slug, published=published, **said)

    def seen(self, query: str, base: str = "/cda", caller: Any = None) -> Any:
        """Return the slugs of all pages, of two entries each."""
        knock, slugs, total = self.garden.knock(caller), [], 0
        url = f"{base}/items?filter[type]=dock&page[size]=2&{query}"
        while url:
            answer = knock("GET", url)
            assert answer.status == 200, answer.raw
            slugs += [one["meta"]["slug"] for one in answer.json["data"]]
            total, url = answer.json["meta"]["total_count"], answer.json["links"]["next"]
        assert total == len(slugs)
        return slugs

    def refused(self, query: str, caller: Any = None) -> tuple[int, str]:
        answer = self.garden.knock(caller)("GET", f"/cda/items?{query}")
        error = answer.json["errors"][0]
        return answer.status, error.get("source", {}).get("parameter", error["code"])
