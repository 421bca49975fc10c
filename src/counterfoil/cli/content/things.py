"""Where nodes and entries stand, and how they are named: by a path from the top, or by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.talking.things import Things, listed
from counterfoil.cli.talking.wanted import node_ids
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

NODES: Final = Things("/cma/nodes", "node", Prefix.NODE, "node", "counterfoil tree ls", key="slug")
ITEMS: Final = Things(
    "/cma/items", "item", Prefix.NODE, "entry", "counterfoil content-item list", key="slug"
)
TYPES: Final = Things(
    "/cma/item-types",
    "item_type",
    Prefix.CONTENT_TYPE,
    "content type",
    "counterfoil content-type-schema list",
    key="api_key",
)


def at_path(client: Client, named: str) -> str:
    """Return the id of a node that is named by id or by path; `/` is the top.

    Raises:
        Stop: exit 6 if there is none, or none that one may see.
    """
    if named != "/":
        return node_ids(client, [named])[0]
    here = client.whoami().organization
    for place in listed(client.wire.ask("GET", "/cma/organizations")):
        root = place["relationships"]["root"]["data"]
        if place["id"] == here and root:
            return str(root["id"])
    raise Stop(
        Exit.NOT_FOUND,
        "The top of the tree is not to be seen",
        "Name a node that you may see: `counterfoil auth status` says which roots you have.",
    )
