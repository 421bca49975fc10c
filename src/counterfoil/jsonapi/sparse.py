"""Sparse resources: of the members of a list's rows, those that `fields[TYPE]` names (JSON:API)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType, defstruct, structs

from counterfoil.jsonapi.given import Given, Paged
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.query import Query
from counterfoil.kernel.errors import Code, Malformed

T = TypeVar("T", bound=Struct)
Sparse: TypeAlias = Any

_PARTS: Final = ("attributes", "relationships")
"""Where the members stand that may be left out."""


def page_of(resource: type[Struct]) -> type:
    """Return the document with a page of resources, of which some members may be left out."""
    rows: Sparse = Paged
    page: type = rows[_sparse(resource)]
    return page


def fields_of(resource: type[Struct]) -> Parameter:
    """Describe the parameter that names the members to show."""
    return Parameter(
        f"fields[{_tag(resource)}]",
        "Show these attributes and relationships alone.",
        {"type": "string", "enum": sorted(_members(resource))},
        min(_members(resource)),
        many=True,
    )


def shown(query: Query, data: Sequence[T], resource: type[T]) -> Sequence[T | Sparse]:
    """Return resources with the members that were asked for; with all of them if none was named.

    Raises:
        Malformed: naming the parameter, if it names a member that there is none of.
    """
    name = f"fields[{_tag(resource)}]"
    if name not in query.values:
        return data
    wanted = frozenset(query.many(name))
    if unknown := sorted(wanted - _members(resource)):
        told = f"The parameter {name!r} names {unknown[0][:80]!r}, which is no member of it."
        raise Malformed(Code.INVALID_REQUEST, told, meta={"parameter": name})
    return [_thinned(one, wanted) for one in data]


def _thinned(resource: Struct, wanted: Collection[str]) -> Sparse:
    whole = structs.asdict(resource)
    parts = {field.name: field.type for field in structs.fields(_sparse(type(resource)))}
    for name in _PARTS:
        members = structs.asdict(whole[name]).items()
        whole[name] = parts[name](**{key: value for key, value in members if key in wanted})
    return _sparse(type(resource))(**whole)


@cache
def _sparse(resource: type[Struct]) -> Sparse:
    """Return a type like a resource's, whose attributes and relationships may be left out."""
    config = resource.__struct_config__
    fields: list[Any] = []
    for field in structs.fields(resource):
        type_ = _optional(field.type) if field.name in _PARTS else field.type
        fields.append((field.name, type_, UNSET) if field.default is UNSET else (field.name, type_))
    made = defstruct(
        f"Some{resource.__name__}", fields, bases=(Given,), frozen=True,
        tag_field=config.tag_field, tag=config.tag,
    )  # fmt: skip
    made.__doc__ = resource.__doc__
    return made


@cache
def _optional(part: type[Struct]) -> Sparse:
    fields: list[Any] = [
        (field.name, field.type | UnsetType, UNSET) for field in structs.fields(part)
    ]
    made = defstruct(f"Some{part.__name__}", fields, bases=(Given,), frozen=True)
    made.__doc__ = part.__doc__
    return made


@cache
def _members(resource: type[Struct]) -> frozenset[str]:
    parts = [field.type for field in structs.fields(resource) if field.name in _PARTS]
    return frozenset(one.name for part in parts for one in structs.fields(part))


def _tag(resource: type[Struct]) -> str:
    return str(resource.__struct_config__.tag)
