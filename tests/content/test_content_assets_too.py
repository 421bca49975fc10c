"""What is done to a folder is done to the assets in it, and asks for their scope too."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope, scopes
from counterfoil.content.tree import move, restore, trash
from counterfoil.kernel.errors import Denied
from support.content import Garden, token

TREE = scopes(Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_DELETE, Scope.ASSETS_READ)


def test_a_folder_with_an_asset(garden: Garden) -> None:
    """Without assets:write nobody moves, trashes or restores an asset by way of its folder (X4)."""
    folder, other = garden.folder(garden.root, "pictures"), garden.folder(garden.root, "other")
    asset = garden.asset(garden.folder(folder, "deep"), "photo")
    gardener = token(may=TREE)
    with pytest.raises(Denied), garden.work(gardener) as work:
        trash(work, folder)
    with pytest.raises(Denied), garden.work(gardener) as work:
        move(work, folder, other)
    assert garden.node(asset).live
    garden.trash(folder)
    with pytest.raises(Denied), garden.work(gardener) as work:
        restore(work, folder)
    garden.restore(folder)
    garden.trash(asset)
    with garden.work(gardener) as work:
        move(work, folder, other)
        trash(work, folder)
    with garden.work(token(may=TREE | Scope.ASSETS_WRITE.bit)) as work:
        restore(work, folder)
        restore(work, asset)
        trash(work, folder)
    assert not garden.node(asset).live
