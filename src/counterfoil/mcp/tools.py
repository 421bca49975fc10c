"""All tools there are. Adding one is adding a line here, and the function that it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import islice
from typing import Any, Final

from counterfoil.client import Client
from counterfoil.client.model_content import Item
from counterfoil.mcp.tool import FIELDS, ID, LIMIT, TEXT, USUAL, Arguments, Tool

_VERSION: Final[dict[str, Any]] = {
    "type": "integer",
    "description": "The version that you looked at; if it has changed since, nothing is done.",
}
_WHERE: Final[dict[str, dict[str, Any]]] = {
    "type": TEXT | {"description": "Only entries of this content type, by its api_key or id."},
    "path": TEXT | {"description": "Only what stands at this path: /site/press/article-1."},
    "under": ID | {"description": "Only what stands below the node with this id."},
    "query": TEXT | {"description": "Only entries that hold all these words."},
    "limit": LIMIT,
}
_FILTERS: Final = ("type", "path", "under", "query")


def _whoami(client: Client, _said: Arguments) -> object:
    who = client.whoami()
    return {
        name: getattr(who, name)
        for name in ("id", "kind", "name", "hint", "scopes", "roots", "surfaces", "expires_at")
    }


def _published(client: Client, said: Arguments) -> object:
    return _page(client.published.items(**_filters(said)), said)


def _drafts(client: Client, said: Arguments) -> object:
    return _page(client.drafts.items(**_filters(said)), said)


def _items(client: Client, said: Arguments) -> object:
    return _page(client.items.list(**_filters(said)), said)


def _item(client: Client, said: Arguments) -> object:
    return _plain(client.items.get(said["id"]))


def _nodes(client: Client, said: Arguments) -> object:
    filters = {name: said[name] for name in ("parent", "under", "path") if name in said}
    return _page(client.nodes.list(**filters), said)


def _content_types(client: Client, _said: Arguments) -> object:
    each = client.content_types.schemas()
    return {"content_types": [_plain(one) | {"api_key": one.name} for one in each]}


def _create(client: Client, said: Arguments) -> object:
    slug = said.get("slug", "")
    return _plain(client.items.create(said["type"], said["parent"], said["fields"], slug=slug))


def _edit(client: Client, said: Arguments) -> object:
    changed = client.items.edit(
        said["id"], said["fields"], parent=said.get("parent"), version=said.get("version")
    )
    return _plain(changed)


def _publish(client: Client, said: Arguments) -> object:
    return _plain(client.items.publish(said["id"], version=said.get("version")))


def _unpublish(client: Client, said: Arguments) -> object:
    return _plain(client.items.unpublish(said["id"]))


def _trash(client: Client, said: Arguments) -> object:
    client.items.trash(said["id"], version=said.get("version"))
    return {"trashed": said["id"]}


def _audit(client: Client, said: Arguments) -> object:
    filters = {name: said[name] for name in ("operation", "outcome") if name in said}
    return _page(client.audit.entries(**filters), said)


_ONE: Final = {"id": ID | {"description": "The id of the entry."}}
_CHANGED: Final = _ONE | {
    "fields": FIELDS | {"description": "The fields to change, in the shape of the content type."},
    "parent": ID | {"description": "The id of the node to move it below."},
    "version": _VERSION,
}
_NEW: Final = {
    "type": ID | {"description": "The id of the content type."},
    "parent": ID | {"description": "The id of the node below which it stands."},
    "fields": FIELDS | {"description": "Its content, in the shape of the content type."},
    "slug": TEXT | {"description": "Its part of the path; made of its title if left out."},
}

TOOLS: Final = (
    Tool("whoami", "Say by which token you act and what it may do now.", _whoami, surface=None),
    Tool("list_published", "List published entries, as visitors see them.", _published,
         "content:read", "delivery", _WHERE),
    Tool("list_drafts", "List entries as they are now, published or not.", _drafts,
         "content:read", "preview", _WHERE),
    Tool("list_items", "List entries with their status and version, to edit them.", _items,
         "content:read", takes=_WHERE),
    Tool("get_item", "Get one entry with its status and version.", _item,
         "content:read", takes=_ONE, needs=("id",)),
    Tool("list_nodes", "List places in the tree: folders, entries, assets, links.", _nodes,
         "content:read",
         takes={"parent": ID, "under": ID, "path": TEXT, "limit": LIMIT}),
    Tool("list_content_types", "List content types with their JSON Schemas.", _content_types,
         "content-types:read"),
    Tool("create_item", "Make a draft of a content type below a node.", _create,
         "content:write", takes=_NEW, needs=("type", "parent", "fields"), does="change"),
    Tool("edit_item", "Change fields of an entry, or move it. Publishes nothing.", _edit,
         "content:write", takes=_CHANGED, needs=("id", "fields"), does="change"),
    Tool("publish_item", "Publish an entry as it is now: visitors see it at once.", _publish,
         "content:publish", takes=_ONE | {"version": _VERSION}, needs=("id",), does="change"),
    Tool("unpublish_item", "Take an entry off delivery; the draft stays.", _unpublish,
         "content:publish", takes=_ONE, needs=("id",), does="remove"),
    Tool("trash_item", "Put an entry into the trash, from which it can be restored.", _trash,
         "content:delete", takes=_ONE | {"version": _VERSION}, needs=("id",), does="remove"),
    Tool("list_audit_entries", "List who did what, by which token; the newest first.", _audit,
         "audit:read", takes={"operation": TEXT, "outcome": TEXT, "limit": LIMIT}),
)  # fmt: skip


def _filters(said: Arguments) -> dict[str, str]:
    return {name: said[name] for name in _FILTERS if name in said}


def _page(each: Iterable[Any], said: Arguments) -> dict[str, object]:
    """Return as many as are wanted, and whether there are more."""
    limit = said.get("limit", USUAL)
    found = list(islice(each, limit + 1))
    return {"found": [_plain(one) for one in found[:limit]], "more": len(found) > limit}


def _plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the client's values
    """Return a value of the client's as a model reads it best: its fields, and not the raw rest."""
    said = {one.name: getattr(value, one.name) for one in fields(value) if one.name != "source"}
    if isinstance(value, Item):
        said["fields"] = dict(value.fields)
    return said
