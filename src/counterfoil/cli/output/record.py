"""A resource of the API as a flat record: the same names in tables, in `--json=…` and in CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import click

from counterfoil.cli.output.text import on_terminal, places, spelled, words
from counterfoil.kernel.ids import Prefix

Resource = Mapping[str, Any]
More = Mapping[str, Callable[[Resource], object]]
"""What is known of a resource beside what it says itself, by name."""

_PREFIXES: Final[Mapping[str, Prefix]] = {
    "personal_access_token": Prefix.TOKEN,
    "api_token": Prefix.TOKEN,
    "access_token": Prefix.TOKEN,
    "key_pair": Prefix.TOKEN,
    "token": Prefix.TOKEN,
    "token_usage": Prefix.TOKEN,
    "token_request": Prefix.REQUEST,
    "organization": Prefix.ORGANIZATION,
    "token_policy": Prefix.ORGANIZATION,
    "user": Prefix.USER,
    "role": Prefix.ROLE,
    "api": Prefix.API,
    "node": Prefix.NODE,
    "item": Prefix.NODE,
    "item_type": Prefix.CONTENT_TYPE,
    "content_type_schema": Prefix.CONTENT_TYPE,
    "notice": Prefix.NOTICE,
    "webhook": Prefix.WEBHOOK,
    "webhook_message": Prefix.MESSAGE,
}
_MEMBERS: Final = ("attributes", "meta")
_HEADINGS: Final = {
    "token_hint": "TOKEN",
    "token_name": "TOKEN",
    "when": "AT",
    "who": "USER",
    "schemaId": "SCHEMA ID",
}
_MISSING: Final = object()
_DAY: Final = len("2027-01-31")


def id_of(resource: Resource) -> str:
    """Return how a resource is named where no type stands beside it: `tok_…`."""
    return _spelled(resource)


def field(resource: Resource, name: str, more: More | None = None) -> object:
    """Return what a resource says under a name; a relationship is the ids that it leads to.

    A dotted name leads further down: `asked.scopes`. None for what is not there.
    """
    found = _field(resource, name, more or {})
    return None if found is _MISSING else found


def flat(resources: Iterable[Resource], names: Sequence[str], more: More) -> list[dict[str, Any]]:
    """Return the named fields of each resource.

    Raises:
        UsageError: for a name that none of them knows, with those that there are.
    """
    known = list(resources)
    for name in names:
        if known and all(_field(one, name, more) is _MISSING for one in known):
            there = ", ".join(_names(known[0], more))
            raise click.UsageError(f"There is no field {name!r}. There are: {there}")
    return [{name: field(one, name, more) for name in names} for one in known]


def silent(resource: Resource) -> Resource:
    """Return the resource without the secret that it may carry."""
    attributes = resource.get("attributes")
    if not isinstance(attributes, dict) or "token" not in attributes:
        return resource
    kept = {name: value for name, value in attributes.items() if name != "token"}
    return {**resource, "attributes": kept}


def heading(name: str) -> str:
    """Return a name as it stands above a column."""
    return _HEADINGS.get(name) or re.sub(r"[_.]", " ", name.removesuffix("_at")).upper()


def cell(name: str, value: object, *, short: bool | None = None) -> str:
    """Return a value as people read it; on a terminal the day alone, for a line is short."""
    if name.endswith("roots"):
        return places(value)
    if name.endswith("_at"):
        short = on_terminal() if short is None else short
        return str(value)[: _DAY if short else None] if value else "never"
    if value is None:
        return "inherit" if name == "scopes" else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    listed = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(one, dict) for one in listed):
        return json.dumps(value, ensure_ascii=False)
    return words(value)


def _field(resource: Resource, name: str, more: More) -> object:
    if name in more:
        return more[name](resource)
    if name == "id" and "id" in resource:
        return _spelled(resource)
    first, *rest = name.split(".")
    for member in (*(resource.get(one) for one in _MEMBERS), resource):
        if isinstance(member, dict) and first in member:
            return _inside(member[first], rest)
    ties = resource.get("relationships")
    if isinstance(ties, dict) and isinstance(ties.get(first), dict):
        return _related(ties[first].get("data"))
    return _MISSING


def _inside(value: object, steps: Sequence[str]) -> object:
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            return _MISSING
        value = value[step]
    return value


def _related(data: object) -> object:
    if isinstance(data, list):
        return [_spelled(one) for one in data]
    return _spelled(data) if isinstance(data, dict) else None


def _spelled(resource: Resource) -> str:
    id_, prefix = str(resource.get("id", "")), _PREFIXES.get(str(resource.get("type")))
    return spelled(prefix, id_) if prefix else id_


def _names(resource: Resource, more: More) -> list[str]:
    found = ["id"] if "id" in resource else []
    for member in (*_MEMBERS, "relationships"):
        if isinstance(resource.get(member), dict):
            found += resource[member]
    if found in ([], ["id"]):
        found = list(resource)
    return sorted({*found, *more} - {"token"})
