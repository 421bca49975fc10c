"""A record as DatoCMS's client reads it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from counterfoil.content import Node, Order, Shown
from counterfoil.jsonapi.document import identifier, resource, to_one

ORDERS: Final = {
    "_created_at": Order.CREATED_AT,
    "_updated_at": Order.UPDATED_AT,
    "slug": Order.SLUG,
}
"""By what records can be ordered, in the vendor's words."""


def show_record(shown: Shown) -> dict[str, Any]:
    """Describe a record with its fields, its model, its maker and its state."""
    node = shown.node
    relationships = {
        "item_type": to_one("item_type", node.content_type),
        "creator": {"data": _creator(node)},
    }
    meta = {
        "created_at": node.created_at,
        "updated_at": node.updated_at,
        "published_at": node.published_at,
        "first_published_at": node.published_at,
        "publication_scheduled_at": None,
        "unpublishing_scheduled_at": None,
        "status": str(node.status),
        "is_valid": True,
        "is_current_version_valid": True,
        "is_published_version_valid": None if node.published is None else True,
        "current_version": str(node.version),
        "stage": None,
        "has_children": None,
    }
    fields: object = {} if shown.content is None else msgspec.Raw(shown.content)
    return {**resource("item", node.id, {}, relationships, meta), "attributes": fields}


def _creator(node: Node) -> dict[str, str] | None:
    """Name who made it: the user, or the token that acts for nobody."""
    if node.created.user is not None:
        return identifier("user", node.created.user)
    return None if node.created.token is None else identifier("access_token", node.created.token)
