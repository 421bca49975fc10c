"""What entries are found by, as rows: values for filters and sorts, words for the full text.

What a list holds are values of a table of their own, since one name has many. All is kept once for
the draft and once for what is published, so that no query on delivery meets a draft (S33). The
words lie in `content_search`: an FTS5 table of SQLite, or a `tsvector` under a GIN index of
Postgres. Each row has one word more that says whose it is and on which surface.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from counterfoil.content.findable import LONGEST_NAME
from counterfoil.content.model import ContentType, Node
from counterfoil.content.store.tables import members, nodes, values
from counterfoil.content.store.wish import Op
from counterfoil.kernel.ids import NodeId, OrganizationId

_SEARCH: Final = table("content_search", column("rowid"), column("words"))
_POSTGRES: Final = "postgresql"
_INSERT: Final = {
    False: text("INSERT INTO content_search (rowid, words) VALUES (:rowid, :words)"),
    True: text(
        "INSERT INTO content_search (rowid, words) VALUES (:rowid, array_to_tsvector(:words))"
    ),
}
_DELETE: Final = text("DELETE FROM content_search WHERE rowid = :rowid")
_FORGET: Final = text("DELETE FROM content_search WHERE rowid IN :rowids").bindparams(
    bindparam("rowids", expanding=True)
)
_DROPS: Final = tuple(
    delete(kept).where(
        kept.c.organization_id == bindparam("organization"),
        kept.c.node_id == bindparam("node"),
        kept.c.published == bindparam("on_delivery"),
    )
    for kept in (values, members)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an entry is found by: values and what lists hold, each by name and locale, and words."""

    values: Iterable[tuple[str, str, str]]
    members: Iterable[tuple[str, str, str]]
    words: Sequence[str]


def write(tx: Connection, of: Node, kept: Kept, *, published: bool) -> None:
    """Write what an entry is found by, instead of what it was found by before."""
    drop(tx, of, published=published)
    for kept_in, found_by in ((values, kept.values), (members, kept.members)):
        rows = [
            {
                "organization_id": of.organization,
                "node_id": of.id,
                "published": published,
                "name": name,
                "locale": locale,
                "content_type_id": of.content_type,
                "value": value,
            }
            for name, locale, value in found_by
        ]
        if rows:
            tx.execute(insert(kept_in), rows)
    every = [*kept.words, _owner(of.organization, published=published)]
    postgres = tx.dialect.name == _POSTGRES
    said = every if postgres else " ".join(every)
    tx.execute(_INSERT[postgres], {"rowid": _row(of, published=published), "words": said})


def drop(tx: Connection, of: Node, *, published: bool) -> None:
    """Let an entry be found on a surface no more."""
    named = {"organization": of.organization, "node": of.id, "on_delivery": published}
    for one in _DROPS:
        tx.execute(one, named)
    tx.execute(_DELETE, {"rowid": _row(of, published=published)})


def holders(tx: Connection, of: ContentType, names: Sequence[str], most: int) -> list[NodeId]:
    """Return up to so many entries of a type that hold any of these properties.

    What has too long a name is kept by no value: whoever may hold such a one is among them.
    """
    held = select(values.c.node_id).where(
        values.c.organization_id == of.organization,
        values.c.content_type_id == of.id,
        values.c.published.in_((False, True)),
        values.c.name.in_(names),
    )
    if any(len(name) > LONGEST_NAME for name in names):
        held = select(nodes.c.id).where(
            nodes.c.organization_id == of.organization, nodes.c.content_type_id == of.id
        )
    return [NodeId(id_) for id_ in tx.scalars(held.distinct().limit(most))]


def forget(tx: Connection, ids: Sequence[NodeId]) -> None:
    """Take the words of nodes away that are about to go for good; their values go with them."""
    rowids = [id_ * 2 + published for id_ in ids for published in (False, True)]
    tx.execute(_FORGET, {"rowids": rowids})


def sought(
    tx: Connection, organization: OrganizationId, terms: Sequence[str], *, published: bool
) -> str:
    """Return what finds the entries that hold all these words; `word*` is how one begins."""
    postgres = tx.dialect.name == _POSTGRES
    parts = [_term(_owner(organization, published=published), postgres=postgres)]
    parts += [_term(term, postgres=postgres) for term in terms]
    return (" & " if postgres else " AND ").join(parts)


class Matches(FunctionElement[Any]):
    """Whether a row of `content_search` is what is sought: no Boolean, which is compared to 1."""

    type = NullType()
    name = "matches"
    inherit_cache = True


@compiles(Matches)
def _matches_sqlite(element: Matches, compiler: SQLCompiler, **more: object) -> str:
    return f"content_search MATCH {compiler.process(element.clauses, **more)}"


@compiles(Matches, "postgresql")
def _matches_postgres(element: Matches, compiler: SQLCompiler, **more: object) -> str:
    return f"words @@ CAST({compiler.process(element.clauses, **more)} AS tsquery)"


def matching() -> ColumnElement[bool]:
    """Return what a full text asks of a node."""
    found = (
        select(literal_column("content_search.rowid / 2", BigInteger))
        .select_from(_SEARCH)
        .where(Matches(bindparam("sought")))
    )
    return nodes.c.id.in_(found)


def holding(place: int, op: Op) -> ColumnElement[bool]:
    """Return what a filter by a value asks of a node; it is told its part by its place."""
    kept = (members if op is Op.HAS else values).alias(f"kept_{place}")
    found = select(kept.c.node_id).where(
        kept.c.organization_id == bindparam("organization"),
        kept.c.content_type_id == bindparam("kept_type"),
        kept.c.published == bindparam("on_delivery"),
        kept.c.name == bindparam(f"kept_name_{place}"),
        kept.c.locale == bindparam(f"kept_locale_{place}"),
        *_bounds(kept.c.value, place, op),
    )
    return nodes.c.id.not_in(found) if op is Op.ABSENT else nodes.c.id.in_(found)


def _bounds(value: ColumnElement[str], place: int, op: Op) -> tuple[ColumnElement[bool], ...]:
    given = f"kept_value_{place}"
    kind = bindparam(f"kept_kind_{place}", type_=value.type)
    past = bindparam(f"kept_past_{place}", type_=value.type)
    one: ColumnElement[str] = bindparam(given, type_=value.type)
    match op:
        case Op.EXISTS | Op.ABSENT:
            return ()
        case Op.IN | Op.HAS:
            return (value.in_(bindparam(given, expanding=True)),)
        case Op.GT:
            return (value > one, value < past)
        case Op.GTE:
            return (value >= one, value < past)
        case Op.LT:
            return (value >= kind, value < one)
        case Op.LTE:
            return (value >= kind, value <= one)


def sorting(place: int, absent: str) -> ColumnElement[Any]:
    """Return the value by which a node is sorted; `absent` is taken for the one it lacks."""
    kept = values.alias(f"sorted_{place}")
    found = (
        select(kept.c.value)
        .where(
            kept.c.organization_id == nodes.c.organization_id,
            kept.c.node_id == nodes.c.id,
            kept.c.published == bindparam("on_delivery"),
            kept.c.name == bindparam(f"sorted_name_{place}"),
            kept.c.locale == bindparam(f"sorted_locale_{place}"),
        )
        .correlate(nodes)
        .scalar_subquery()
    )
    return func.coalesce(found, literal_column(f"'{absent}'", values.c.value.type))


def _row(of: Node, *, published: bool) -> int:
    return of.id * 2 + published


def _owner(organization: OrganizationId, *, published: bool) -> str:
    return f"o{organization}{'p' if published else 'd'}"


def _term(term: str, *, postgres: bool) -> str:
    """Spell a word, which is made of letters and digits alone."""
    word, begins = term.removesuffix("*"), term.endswith("*")
    if postgres:
        return f"'{word}':*" if begins else f"'{word}'"
    return f'"{word}"*' if begins else f'"{word}"'
