"""The shapes of entries: content types, each a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from counterfoil.access.scope import Scope
from counterfoil.content import policy, schema
from counterfoil.content.model import ContentType
from counterfoil.content.steps import writing
from counterfoil.content.steps.indexing import index_again
from counterfoil.content.store import item_types, rows
from counterfoil.kernel.ids import ContentTypeId, Prefix, spell
from counterfoil.kernel.page import Page
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("content_type.create", requires=Scope.CONTENT_TYPES_WRITE, methods=ANY_CALLER)
def create_content_type(
    work: Work, api_key: str, name: str, schema_id: str, body: Mapping[str, Any]
) -> ContentType:
    """Define a type of entries by a JSON Schema."""
    id_ = ContentTypeId(work.new_id())
    _permit(work, id_)
    return writing.define(work, id_, api_key, name=name, schema_id=schema_id, body=body)


@operation("content_type.edit", requires=Scope.CONTENT_TYPES_WRITE, methods=ANY_CALLER)
def edit_content_type(
    work: Work,
    id_: ContentTypeId,
    *,
    name: str | None = None,
    schema_id: str | None = None,
    body: Mapping[str, Any] | None = None,
    expected: int | None = None,
) -> ContentType:
    """Change a content type. Entries are held to it when they are next written or published."""
    _permit(work, id_)
    rows.hold_tree(work.tx, work.caller.organization)
    old = item_types.content_type(work.tx, work.caller.organization, id_, hold=True)
    require_version(old.version, expected)
    known_as = old.schema_id if schema_id is None else schema_id
    policy.require_schema_id(known_as)
    if name is not None:
        policy.require_name(name)
    if body is not None or schema_id is not None:
        written = schema.read_schema(policy.decoded(old.body) if body is None else body, known_as)
    else:
        written = old.body
    edited = replace(old, name=name or old.name, schema_id=known_as, body=written)
    if edited == old:
        return old
    edited = replace(edited, version=old.version + 1, updated_at=work.now)
    item_types.save(work.tx, edited)
    index_again(work, old, edited)
    return edited


@operation("content_type.delete", requires=Scope.CONTENT_TYPES_WRITE, methods=ANY_CALLER)
def delete_content_type(work: Work, id_: ContentTypeId, expected: int | None = None) -> ContentType:
    """Remove a content type that no entry uses."""
    _permit(work, id_)
    rows.hold_tree(work.tx, work.caller.organization)
    old = item_types.content_type(work.tx, work.caller.organization, id_, hold=True)
    require_version(old.version, expected)
    item_types.drop(work.tx, old)
    return old


@operation("content_type.show", requires=Scope.CONTENT_TYPES_READ, methods=ANY_CALLER, reads=True)
def show_content_type(work: Work, id_: ContentTypeId) -> ContentType:
    """Show one content type."""
    work.permit(target=spell(Prefix.CONTENT_TYPE, id_))
    return item_types.content_type(work.tx, work.caller.organization, id_)


@operation("content_type.list", requires=Scope.CONTENT_TYPES_READ, methods=ANY_CALLER, reads=True)
def list_content_types(
    work: Work, size: int, after: str | None = None, offset: int = 0
) -> Page[ContentType]:
    """List content types in the order of their api_key; `after` names the last one seen."""
    work.permit()
    organization = work.caller.organization
    found = item_types.some(work.tx, organization, size + 1, after or "", offset)
    return Page(
        found[:size],
        found[size - 1].api_key if len(found) > size else None,
        item_types.count(work.tx, organization),
    )


def _permit(work: Work, id_: ContentTypeId) -> None:
    """Return if the caller may shape entries wherever they stand: a type has no place of its own.

    Whether one is in use, or what a change of it breaks, would tell of entries outside of roots.
    """
    work.permit(target=spell(Prefix.CONTENT_TYPE, id_))
    work.caller.grant.hold_everywhere(Scope.CONTENT_TYPES_WRITE)
