"""JSON:API documents: resources, pages of them, and their links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from counterfoil.kernel.page import Page, Wanted

Members: TypeAlias = Mapping[str, Any]


def identifier(type_: str, id_: int | str) -> dict[str, str]:
    """Name a resource by type and id, which is always a string."""
    return {"type": type_, "id": str(id_)}


def to_one(type_: str, id_: int | str | None) -> dict[str, Any]:
    """A relationship with one resource, or with none."""
    return {"data": None if id_ is None else identifier(type_, id_)}


def to_many(type_: str, ids: Sequence[int | str]) -> dict[str, Any]:
    """A relationship with many resources."""
    return {"data": [identifier(type_, id_) for id_ in ids]}


def resource(
    type_: str,
    id_: int | str,
    attributes: Members,
    relationships: Members | None = None,
    meta: Members | None = None,
) -> dict[str, Any]:
    """Describe one resource."""
    described: dict[str, Any] = {**identifier(type_, id_), "attributes": dict(attributes)}
    if relationships:
        described["relationships"] = dict(relationships)
    if meta:
        described["meta"] = dict(meta)
    return described


def document(
    data: object, meta: Members | None = None, links: Members | None = None
) -> dict[str, Any]:
    """Wrap one resource, several, or None."""
    wrapped: dict[str, Any] = {"data": data}
    if meta:
        wrapped["meta"] = dict(meta)
    if links:
        wrapped["links"] = dict(links)
    return wrapped


def page_document(
    path: str,
    page: Page[Any],
    wanted: Wanted,
    data: Sequence[Members],
    kept: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Wrap a page of a list, with a link to the next one if there is one.

    Args:
        path: the address of the list.
        page: what was found.
        wanted: what was asked for.
        data: the resources of the page.
        kept: the filters that the next page needs too.
    """
    size = {"page[size]": str(wanted.size)}
    links = {"self": _link(path, {**(kept or {}), **size}), "next": None}
    if page.after is not None:
        links["next"] = _link(path, {**(kept or {}), **size, "page[after]": page.after})
    meta = {} if page.total is None else {"total_count": page.total}
    return document(list(data), meta, links)


def etag(version: int) -> dict[str, str]:
    """Return the strong tag of a resource's version."""
    return {"ETag": f'"{version}"'}


def _link(path: str, parameters: Mapping[str, str]) -> str:
    return (
        path
        + "?"
        + "&".join(
            f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()
        )
    )
