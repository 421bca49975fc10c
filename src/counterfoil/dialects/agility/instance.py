"""What stands in an instance: its locales and its items, and publishing them by GET.

An instance is an organization; its guid is the organization's id. Whatever changes an item answers
a batch, which the vendor's client then asks about. Here a batch is done when it is answered, so it
is named by the one item that it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from counterfoil.content import Kind, Node, Shown, publish, read, unpublish
from counterfoil.content.doors.wire import node_id
from counterfoil.content.locales import show_locales
from counterfoil.content.steps.weave import closest
from counterfoil.dialects.agility.voice import AGILITY
from counterfoil.dialects.agility.wire import Batch, ContentItem, Locale, show_item
from counterfoil.jsonapi.parameter import Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

INSTANCE: Final = "/agility/api/v1/instance/{guid}"
_ITEM: Final = f"{INSTANCE}/{{locale}}/item/{{id}}"
_PROCESSED: Final = 3
GUID: Final = id_in("guid", "The instance: an organization.", Prefix.ORGANIZATION)
_route = partial(Route, dialect=AGILITY, section="Agility content")
_in_instance = partial(_route, place="guid")
_one = partial(
    _in_instance,
    parts=(
        GUID,
        Parameter("locale", "The language; `en-us` is met by `en`.", example="en-us"),
        id_in("id", "The item.", Prefix.NODE),
    ),
)


def here(asked: Asked) -> None:
    """Return if the address names where the caller acts: every other place is unknown (S25)."""
    if ids.read(Prefix.ORGANIZATION, asked.params["guid"]) != asked.caller.organization:
        raise NotFound


def locales(asked: Asked) -> Answer:
    """Answer GET …/locales, the default one first."""
    here(asked)
    with asked.read() as work:
        codes = show_locales(work)
    return Answer(
        200,
        [Locale(code, code, is_default=place == 0) for place, code in enumerate(codes)],
    )


def found(asked: Asked) -> Answer:
    """Answer GET …/{locale}/item/{id} with the item's draft in that locale."""
    here(asked)
    with asked.read() as work:
        return Answer(200, show_item(_seen(work, asked)))


def changed(verb: Callable[[Work, NodeId], Node]) -> Callable[[Asked], Answer]:
    """Return the door that does this to an item, in all its locales, and answers the batch."""

    def door(asked: Asked) -> Answer:
        here(asked)
        with asked.work() as work:
            node = verb(work, _id(asked))
            _locale(work, asked)
        return Answer(200, node.id)

    return door


def unknown(asked: Asked) -> Answer:
    """Refuse a step of a content workflow, of which this house has none."""
    here(asked)
    with asked.read() as work:
        _seen(work, asked)
    raise Conflict(Code.CONFLICT, "This instance has no approval workflow for content: publish.")


def batch(asked: Asked) -> Answer:
    """Answer GET …/batch/{id}, to who may see the item that it holds."""
    here(asked)
    with asked.read() as work:
        node = read.show_node(work, _id(asked), (Kind.ENTRY,)).node
    return Answer(200, Batch(id=node.id, state=_PROCESSED, items=[{"itemID": node.id}]))


def _seen(work: Work, asked: Asked) -> Shown:
    return read.show_node(work, _id(asked), (Kind.ENTRY,), _locale(work, asked))


def _locale(work: Work, asked: Asked) -> str:
    """Return the locale that the address means.

    Raises:
        NotFound: if the instance has none like it.
    """
    meant = closest(work, asked.params["locale"])
    if meant is None:
        raise NotFound(Code.NOT_FOUND, "The instance has no such locale.")
    return meant


def _id(asked: Asked) -> NodeId:
    return node_id(asked.params["id"])


_CHANGES: Final = (
    ("publish", changed(publish), "entry.publish", "Publish an item"),
    ("unpublish", changed(unpublish), "entry.unpublish", "Take an item off delivery"),
    ("approve", unknown, "node.show", "Approve an item: refused, there is no such workflow"),
    ("decline", unknown, "node.show", "Decline an item: refused, there is no such workflow"),
    ("request-approval", unknown, "node.show", "Ask for approval: refused, as above"),
)
_INVALID: Final = {"entry.publish": (Code.INVALID_FIELD,)}
"""An item is published if it is as its definition says today."""

ROUTES: Final = (
    _in_instance(
        "GET",
        f"{INSTANCE}/locales",
        locales,
        "locales.show",
        "List the locales of an instance",
        gives={200: list[Locale]},
        parts=(GUID,),
    ),
    _one("GET", _ITEM, found, "node.show", "Show an item with its draft", gives={200: ContentItem}),
    *(
        _one(
            "GET",
            f"{_ITEM}/{step}",
            door,
            operation,
            summary,
            gives={200: int},
            fails=(Code.CONFLICT, *_INVALID.get(operation, ())),
            query=(Parameter("comments", "Read for the vendor's clients, and not kept."),),
        )
        for step, door, operation, summary in _CHANGES
    ),
    _in_instance(
        "GET",
        f"{INSTANCE}/batch/{{id}}",
        batch,
        "node.show",
        "Show what became of a change",
        gives={200: Batch},
        parts=(GUID, id_in("id", "The batch.", Prefix.NODE)),
        query=(
            Parameter("expandItems", "Read for the vendor's clients: items always stand there."),
        ),
    ),
)
