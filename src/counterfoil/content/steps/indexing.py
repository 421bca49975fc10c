"""Keeping what entries are found by beside them, in the transaction that writes them."""

from __future__ import annotations

from typing import Final

from counterfoil.content import findable, keywords, policy
from counterfoil.content.model import ContentType, Kind, Node
from counterfoil.content.store import found_by, item_types, rows
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.operation import Work

MOST_AGAIN: Final = 5_000
"""So many entries at most are written anew when their type changes."""

_BATCH: Final = 500


def index(work: Work, node: Node, content: bytes, *, published: bool) -> None:
    """Let an entry be found by what this content of it says; of other nodes nothing is found."""
    if node.kind is not Kind.ENTRY or node.content_type is None:
        return
    bodies = item_types.bodies(work.tx, node.organization, (node.content_type,))
    _write(work, node, bodies[node.content_type], content, published=published)


def index_again(work: Work, before: ContentType, after: ContentType) -> None:
    """Write anew what entries are found by that hold what now names nodes, or has locales.

    What was a text becomes a reference that not everybody sees, and must not be found as words. So
    it is done before anybody reads by the new type, and bounded, since others wait for it.

    Raises:
        Conflict: if more entries hold it than are written anew in one go.
    """
    names = keywords.differing(before.body, after.body)
    if not names:
        return
    found = found_by.holders(work.tx, before, names, MOST_AGAIN + 1)
    if len(found) > MOST_AGAIN:
        raise Conflict(
            Code.CONFLICT,
            f"More than {MOST_AGAIN} entries hold {', '.join(names)}: what these mean changes for"
            " fewer at once. Say it of a new property.",
            meta={"properties": names, "most": MOST_AGAIN},
        )
    for start in range(0, len(found), _BATCH):
        for node in rows.nodes_named(work.tx, after.organization, found[start : start + _BATCH]):
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
