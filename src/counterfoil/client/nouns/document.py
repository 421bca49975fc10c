"""How a call's document and path are put together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from counterfoil.client.steps import Query
from counterfoil.kernel.clock import spell_instant

PAGE: Final = 100


def part(id_: str) -> str:
    """Return an id as one part of a path, whatever was given."""
    return quote(id_, safe="")


def if_match(version: int | None) -> dict[str, str]:
    """Return the header that says which version was looked at."""
    return {} if version is None else {"if-match": f'"{version}"'}


def body(
    type_: str,
    attributes: Mapping[str, Any],
    id_: str | None = None,
    ties: Mapping[str, tuple[str, str] | None] | None = None,
    **beside: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a document; `ties` are relationships to one, each as its type and id."""
    data: dict[str, Any] = {"type": type_, "attributes": _plain(attributes)}
    if id_ is not None:
        data["id"] = bare(id_)
    tied = {
        name: {"data": {"type": end[0], "id": bare(end[1])}}
        for name, end in (ties or {}).items()
        if end is not None
    }
    if tied:
        data["relationships"] = tied
    return {"data": data | {name: dict(said) for name, said in beside.items() if said}}


def query(filters: Mapping[str, str], sort: str = "") -> Query:
    """Return the query of a list: its filters, its order, and pages as large as they may be."""
    said: dict[str, str | int] = {f"filter[{name}]": value for name, value in filters.items()}
    return said | {"page[size]": PAGE} | ({"sort": sort} if sort else {})


def bare(id_: str) -> str:
    """Return an id without its prefix, as it stands beside a type."""
    return id_.rpartition("_")[2]


def _plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON can say: an instant as the API spells it.

    Raises:
        ValueError: for an instant without an offset, which could be any of two dozen.
    """
    said = dict(attributes)
    for name, value in attributes.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                message = f"{name} has no time zone: datetime.now(UTC) has one"
                raise ValueError(message)
            said[name] = spell_instant(value)
    return said
