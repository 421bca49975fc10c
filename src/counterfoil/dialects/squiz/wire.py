"""An asset as `/__api` shows it: its fields, and as attributes what an editor wrote."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from counterfoil.access.surface import Surface
from counterfoil.content import Kind, Shown, Status, shown_at
from counterfoil.jsonapi.body import Body

_STATUS: Final = {
    Status.DRAFT: "under_construction",
    Status.UPDATED: "safe_edit",
    Status.PUBLISHED: "live",
}


class Asset(Body, frozen=True):
    """One asset. `created` and `updated` are instants in RFC 3339; `status` is a word of Matrix."""

    id: str
    type: str
    name: str
    status: str
    parent: str | None
    created: str
    updated: str
    attributes: dict[str, Any]


class Several(Body, frozen=True):
    """Assets in order, and where the next page begins."""

    assets: list[Asset]
    total: int


def show_asset(shown: Shown, surface: Surface) -> dict[str, Any]:
    """Describe an asset; `Asset` says in which shape."""
    node = shown.node
    settled = surface is Surface.DELIVERY or node.kind not in {Kind.ENTRY, Kind.ASSET}
    return {
        "id": str(node.id),
        "type": str(node.kind),
        "name": node.slug,
        "status": "live" if settled else _STATUS[node.status],
        "parent": None if shown.parent is None else str(shown.parent),
        "created": node.created_at,
        "updated": shown_at(shown, surface),
        "attributes": {} if shown.content is None else msgspec.Raw(shown.content),
    }
