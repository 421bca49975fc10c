"""Keeping what entries are found by beside them, in the transaction that writes them."""

from __future__ import annotations

from typing import Final

from counterfoil.content import findable, keywords, policy
from counterfoil.content.model import ContentType, Kind, Node
from counterfoil.content.store import found_by, item_types, rows
from counterfoil.operation import Work

_BATCH: Final = 500


def index(work: Work, node: Node, content: bytes, *, published: bool) -> None:
    """Let an entry be found by what this content of it says; of other nodes nothing is found."""
    if node.kind is not Kind.ENTRY or node.content_type is None:
        return
    bodies = item_types.bodies(work.tx, node.organization, (node.content_type,))
    _write(work, node, bodies[node.content_type], content, published=published)


def index_again(work: Work, before: ContentType, after: ContentType) -> None:
    """Write anew what entries are found by, if their type now names nodes elsewhere.

    What was a text becomes a reference that not everybody sees, and must not be found as words.
    """
    places = {keywords.places(body) for body in (before.body, after.body)}
    localized = {keywords.localized(body) for body in (before.body, after.body)}
    if len(places) == len(localized) == 1:
        return
    for node in rows.of_type(work.tx, after.organization, after.id, _BATCH):
        for number, published in ((node.draft, False), (node.published, True)):
            if number is not None:
                content = rows.version(work.tx, node, number).content
                _write(work, node, after.body, content, published=published)


def _write(work: Work, node: Node, body: bytes, content: bytes, *, published: bool) -> None:
    said = policy.decoded(content)
    kept = found_by.Kept(
        findable.values(body, said), findable.members(body, said), findable.words(body, said)
    )
    found_by.write(work.tx, node, kept, published=published)
