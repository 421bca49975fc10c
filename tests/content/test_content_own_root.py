"""A restricted token changes nothing of the folder that its root stands in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.audit.record import entries
from counterfoil.content.tree import move, rename, trash
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.operation import Work
from support.content import Garden, token

DONE: dict[str, Callable[[Work, NodeId, NodeId], object]] = {
    "renamed": lambda work, root, _to: rename(work, root, "internal"),
    "trashed": lambda work, root, _to: trash(work, root),
    "moved": move,
}


@pytest.mark.parametrize("how", DONE)
def test_its_own_root(garden: Garden, how: str) -> None:
    """To rename or trash one's own root asks for the right above it, and tells no sibling (S28).

    Below the root all is as before.
    """
    root = garden.folder(garden.root, "mine")
    garden.folder(garden.root, "internal")
    below, beside = garden.folder(root, "below"), garden.folder(root, "beside")
    with pytest.raises(Denied) as refusal, garden.work(token(root)) as work:
        DONE[how](work, root, beside)
    assert refusal.value.code is Code.OUTSIDE_ROOT_NODES
    with garden.work(token(root)) as work:
        DONE[how](work, below, beside)


@pytest.mark.parametrize("how", DONE)
def test_the_root_of_a_role(garden: Garden, how: str) -> None:
    """Whom a role lets in at a node sees it: to change it there is 403 and not 404 (S31)."""
    root = garden.folder(garden.root, "mine")
    caller = token(terms=(Term(EVERY_SCOPE, frozenset({root})),))
    with pytest.raises(Denied) as refusal, garden.work(caller) as work:
        DONE[how](work, root, root)
    assert refusal.value.code is Code.INSUFFICIENT_ROLE


def test_a_refused_move_names_what_would_have_moved(garden: Garden) -> None:
    """Whoever may not write where a node shall stand is on record with the node (R14)."""
    root, elsewhere = garden.folder(garden.root, "mine"), garden.folder(garden.root, "elsewhere")
    below = garden.folder(root, "below")
    with pytest.raises(Denied), garden.work(token(root)) as work:
        move(work, below, elsewhere)
    with garden.office.database.reading() as tx:
        newest = tx.execute(select(entries).order_by(entries.c.position.desc())).first()
    assert newest is not None
    assert (newest.operation, newest.target) == ("node.move", spell(Prefix.NODE, below))
