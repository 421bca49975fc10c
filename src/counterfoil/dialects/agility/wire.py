"""What stands in an instance, as it goes out."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import field

from counterfoil.content import Shown, Status
from counterfoil.jsonapi.body import Body

_STATE: Final = {Status.DRAFT: 1, Status.UPDATED: 1, Status.PUBLISHED: 2}


class Locale(Body, frozen=True, rename="camel"):
    """A language in which an instance has content."""

    locale_code: str
    locale_name: str
    is_default: bool = True
    is_enabled: bool = True


class ContentItem(Body, frozen=True):
    """A content item: its draft. In `properties`, state 1 is staging and 2 is published."""

    id: int = field(name="contentID")
    properties: dict[str, Any]
    fields: dict[str, Any]
    seo: None = None
    scripts: None = None


class Batch(Body, frozen=True):
    """What became of a change: state 3 is processed."""

    id: int = field(name="batchID")
    state: int = field(name="batchState")
    items: list[dict[str, int]]
    status: str = field(name="statusMessage", default="")
    error: None = field(name="errorData", default=None)


def show_item(shown: Shown) -> dict[str, Any]:
    """Show an item as it stands in its draft."""
    node = shown.node
    properties = {
        "state": _STATE[node.status],
        "versionID": node.draft,
        "modified": node.updated_at,
        "modifiedBy": node.updated.user,
        "referenceName": node.slug,
        "definitionName": str(node.content_type),
        "itemOrder": 0,
    }
    fields = {} if shown.content is None else msgspec.Raw(shown.content)
    described = {"contentID": node.id, "properties": properties, "fields": fields}
    return {**described, "seo": None, "scripts": None}
