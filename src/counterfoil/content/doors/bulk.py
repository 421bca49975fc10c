"""Many entries at once: `/cma/items/bulk/…`, all of them or none.

Each entry is judged alone and is on record alone, as if it had been asked for by itself. What is
refused names the one entry that it is refused for, by its place in the body, and says of that one
no more than its own address would (S36).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from counterfoil.access.roots import Lineage
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content import tree
from counterfoil.content.doors import wire
from counterfoil.content.doors.examples import BULK
from counterfoil.content.doors.wire_show import Item, show_item
from counterfoil.content.model import Kind, Node
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.steps import finding
from counterfoil.content.store import rows
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Effect, Given
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

MOST: Final = 100
_post = partial(Route, "POST", section="Content")
Verb: TypeAlias = Callable[[Work, NodeId], Node]


class ItemName(Body, frozen=True):
    """An entry by its id."""

    type: Literal["item"]
    id: str


class BulkBody(Body, frozen=True):
    """The document that names 1 to 100 entries, each once."""

    data: Annotated[list[ItemName], msgspec.Meta(min_length=1, max_length=MOST)]


class Done(Given, frozen=True):
    """All that it was done to, in the order in which they were named."""

    data: list[Item]
    meta: Effect | UnsetType = UNSET


def trash(work: Work, id_: NodeId) -> Node:
    """Put an entry into the trash."""
    return tree.trash(work, id_, None, Kind.ENTRY)


def each(work: Work, verb: Verb, ids: Sequence[str], at: str) -> list[Node]:
    """Do the same to each of these, and return them in their order.

    Of those that stand under one another the lower ones come first, so that a page goes into the
    trash before its parent does.

    Args:
        work: all of it in one work, so that one refusal undoes the others.
        verb: what is done.
        ids: as they were sent.
        at: the JSON pointer to the list of them.
    """
    named = [wire.node_id(text) for text in ids]
    if len(ids) > MOST or not ids:
        raise Invalid(Code.INVALID_FIELD, f"Name 1 to {MOST} entries.", field=at)
    for place, id_ in enumerate(named):
        if id_ and id_ in named[:place]:  # what can be no id is nobody, and no two are the same
            raise Invalid(Code.INVALID_FIELD, "It is named twice.", field=f"{at}/{place}/id")
    ranks = _ranks(work, named)
    done: dict[NodeId, Node] = {}
    for place in sorted(range(len(named)), key=lambda place: -ranks[named[place]]):
        try:
            done[named[place]] = verb(work, named[place])
        except CounterfoilError as error:
            raise _of(error, f"{at}/{place}", ids[place]) from None
    return [done[id_] for id_ in named]


def _ranks(work: Work, ids: Sequence[NodeId]) -> dict[NodeId, int]:
    """Return how many of these each one stands under, itself included; 0 for all others.

    Only what the caller may read counts: the order in which the rest is refused tells nothing.
    """
    seen: dict[NodeId, Lineage] = {}
    for id_, lineage in rows.lineages(work.tx, work.caller.organization, ids).items():
        with suppress(CounterfoilError):
            work.caller.grant.permit(Scope.CONTENT_READ, lineage)
            seen[id_] = lineage
    return {id_: len(seen[id_] & seen.keys()) if id_ in seen else 0 for id_ in ids}


def _of(error: CounterfoilError, at: str, id_: str) -> CounterfoilError:
    """Say of a refusal which entry it is about, and what is wrong with that one."""
    error.meta = {**error.meta, "id": id_}
    if error.field is not None:
        error.meta = {**error.meta, "pointer": error.field}
    error.field = at
    return error


def _door(verb: Verb, asked: Asked, *, lessens: bool = False) -> Answer:
    ids = [one.id for one in asked.struct(BulkBody).data]
    with asked.work() as work:
        seen = [finding.shown(work, node) for node in each(work, verb, ids, "/data")]
    data = [show_item(one, Surface.MANAGEMENT, whole=True) for one in seen]
    meta = Effect(effective="host", position=work.position) if lessens else UNSET
    return Answer(200, Done(data=data, meta=meta))


def _route(verb: str, do: Callable[[Asked], Answer], operation: str, summary: str) -> Route:
    path, gives = f"/cma/items/bulk/{verb}", {200: Done}
    unknown = (Code.NOT_FOUND,)
    return _post(
        path, do, operation, summary, gives=gives, takes=BulkBody, example=BULK, fails=unknown
    )


ROUTES: Final = (
    _route(
        "publish", partial(_door, publish), "entry.publish", "Put the drafts of entries on delivery"
    ),
    _route("unpublish", partial(_door, unpublish), "entry.unpublish", "Take entries off delivery"),
    _route(
        "destroy",
        partial(_door, trash, lessens=True),
        "node.trash",
        "Put entries into the trash",
    ),
)
