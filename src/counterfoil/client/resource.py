"""How a JSON:API resource is read, whatever it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from counterfoil.client.answer import Answer
from counterfoil.client.errors import Unexpected

Resource = Mapping[str, Any]


def texts(value: object) -> tuple[str, ...] | None:
    """Return a list of strings, or None where none stands for everything."""
    return tuple(str(item) for item in value) if isinstance(value, list) else None


def text(value: object) -> str:
    """Return a string, empty where none is said."""
    return value if isinstance(value, str) else ""


def version_of(answer: Answer) -> int | None:
    """Return the version that an answer's ETag names."""
    digits = answer.headers.get("etag", "").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() else None


def related(resource: Mapping[str, Any], name: str) -> str | None:
    """Return the id of the one resource at the end of a relationship."""
    data: object = resource.get("relationships")
    for key in (name, "data", "id"):
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else None


def one_of(resource: object, type_: str | None = None) -> Resource:
    """Return a resource as what it is.

    Raises:
        Unexpected: if it is none, or one of another type.
    """
    if isinstance(resource, dict):
        parts = (resource.get("id"), resource.get("type"), resource.get("attributes"))
        whole = all(map(isinstance, parts, (str, str, dict)))
        if whole and resource["type"] == (type_ or resource["type"]):
            return resource
    message = f"the answer holds no {type_ or 'resource'}: is this a Counterfoil server?"
    raise Unexpected(message)


def meta_of(resource: Resource) -> Mapping[str, Any]:
    """Return what stands beside the attributes."""
    meta = resource.get("meta")
    return meta if isinstance(meta, dict) else {}


def number(value: object) -> int | None:
    """Return a whole number, or None where none is said."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def silenced(resource: Mapping[str, Any]) -> Resource:
    """Return the resource without the secret that it may carry."""
    attributes = {key: value for key, value in resource["attributes"].items() if key != "token"}
    return {**resource, "attributes": attributes}


def listed(data: object) -> Sequence[object]:
    """Return the resources of a list document."""
    if isinstance(data, list):
        return data
    message = "the answer is not a list: is this a Counterfoil server?"
    raise Unexpected(message)
