"""A restricted token changes nothing of the folder that its root stands in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from counterfoil.content.tree import rename, trash
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work
from garden import Garden, token

DONE: dict[str, Callable[[Work, NodeId, NodeId], object]] = {
    "renamed": lambda work, root, _below: rename(work, root, "internal"),
    "trashed": lambda work, root, _below: trash(work, root),
}


@pytest.mark.parametrize("how", DONE)
def test_its_own_root(garden: Garden, how: str) -> None:
    """To rename or trash one's own root asks for the right above it, and tells no sibling (S28).

    Below the root all is as before.
    """
    root = garden.folder(garden.root, "mine")
    garden.folder(garden.root, "internal")
    below = garden.folder(root, "below")
    with pytest.raises(Denied) as refusal, garden.work(token(root)) as work:
        DONE[how](work, root, below)
    assert refusal.value.code is Code.OUTSIDE_ROOT_NODES
    with garden.work(token(root)) as work:
        DONE[how](work, below, below)
