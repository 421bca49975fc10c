"""The catalog that a registered API serves: entries of one content type, read under its own scope.

An entity is written, published, moved and trashed as any entry is, and stands in the same tree, so
that a token's roots bound it too. Who reads it needs `catalog:read` and no scope over content; what
is not published, or of another type, is not in the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.entity import API_KEY
from counterfoil.content.model import Kind, Shown
from counterfoil.content.steps.weave import woven
from counterfoil.content.store import lists, seen
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import Last, Wish
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.page import DEFAULT_SIZE
from counterfoil.operation import ANY_CALLER, Work, operation

READ: Final = "catalog:read"
MOST_LOOKED_AT: Final = 1_000
"""So many entities are looked at for one page of those that are sought."""

_BATCH: Final = 200
_ALL: Final = Wish(kinds=(Kind.ENTRY,), content_type=API_KEY)


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing in the catalog: a service, a team's tool, a domain.

    `said` is the content of the entry, as its content type shapes it: `identifier`, `name`, `type`
    and whatever else there is. `updated_at` is when this content was published.
    """

    id: NodeId
    said: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entities are wanted, the oldest first.

    Attributes:
        type: only those of this type.
        term: only those whose identifier, name or description holds this, however it is cased.
        after: the last one seen.
    """

    type: str | None = None
    term: str | None = None
    size: int = DEFAULT_SIZE
    after: Last | None = None

    @property
    def anything(self) -> bool:
        """Whether every entity is wanted."""
        return self.type is None and self.term is None

    def wants(self, said: Mapping[str, Any]) -> bool:
        """Say whether an entity with this content is wanted."""
        if self.type is not None and said.get("type") != self.type:
            return False
        if self.term is None:
            return True
        term = self.term.casefold()
        texts = (said.get(name) for name in ("identifier", "name", "description"))
        return any(term in text.casefold() for text in texts if isinstance(text, str))


@dataclass(frozen=True, slots=True)
class Entities:
    """A piece of the catalog. `last` says from where it goes on, if it does.

    A piece may hold fewer than asked for, even none, and yet not be the last: a search looks at so
    many entities at a time.
    """

    items: list[Entity]
    last: Last | None


@operation("catalog.list", requires=READ, methods=ANY_CALLER, surface=None, reads=True)
def list_entities(work: Work, sought: Sought) -> Entities:
    """List the entities of the catalog that the caller reaches."""
    work.permit()
    sight = _sight(work)
    found: list[Entity] = []
    after, looked_at = sought.after, 0
    batch = sought.size + 1 if sought.anything else _BATCH
    while looked_at < MOST_LOOKED_AT:
        rows = lists.some(work.tx, sight, _ALL, batch + 1, after=after)
        for shown in _woven(work, rows[:batch]):
            entity = _entity(shown)
            if sought.wants(entity.said):
                if len(found) == sought.size:
                    return Entities(found, after)
                found.append(entity)
            after = lists.last_of(shown, _ALL, Surface.DELIVERY)
        if len(rows) <= batch:
            return Entities(found, None)
        looked_at += batch
    return Entities(found, after)


@operation("catalog.show", requires=READ, methods=ANY_CALLER, surface=None, reads=True)
def show_entity(work: Work, identifier: str) -> Entity:
    """Show the entity of the catalog that the caller reaches by this identifier."""
    work.permit()
    sight, after = _sight(work), None
    while True:
        rows = lists.some(work.tx, sight, _ALL, _BATCH + 1, after=after)
        for shown in _woven(work, rows[:_BATCH]):
            entity = _entity(shown)
            if entity.said.get("identifier") == identifier:
                return entity
        if len(rows) <= _BATCH:
            raise NotFound
        after = lists.last_of(rows[_BATCH - 1], _ALL, Surface.DELIVERY)


def _sight(work: Work) -> Sight:
    """Return where the caller reads the catalog: its own scope stands for that of content."""
    grant = work.caller.grant.lending(work.vocabulary().scope(READ), Scope.CONTENT_READ)
    return Sight(work.caller.organization, grant, Surface.DELIVERY)


def _woven(work: Work, rows: list[Shown]) -> list[Shown]:
    """Return them as the catalog shows them: it names entities, and nothing beside them."""
    return woven(work, _sight(work), rows, only=API_KEY)


def _entity(shown: Shown) -> Entity:
    said = msgspec.json.decode(shown.content or b"{}")
    updated_at = seen.shown_at(shown, Surface.DELIVERY)
    return Entity(shown.node.id, said, shown.node.created_at, updated_at)
