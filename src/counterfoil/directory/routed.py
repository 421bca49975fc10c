"""What a gate decides by for a registered API: its routes, and its tree of resources.

A resource is a node of the organization, as an entry is: a token's roots may name it. It stands in
the API's own tree, which the API tells us of, and goes by the key that the API gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId
from counterfoil.routing.table import Route

WHOLE: Final = ""
"""The key of the API itself, at the top of its tree."""


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes of an API; what it does not list is closed.

    Attributes:
        preflights: whether browsers of other origins may ask which routes they may take.
        grace_seconds: for so long after its lease a gate on another host goes on to let reads
            pass; 0 for none.
        version: counts its changes; 0 before the first.
    """

    organization: OrganizationId
    api: ApiId
    routes: tuple[Route, ...] = ()
    preflights: bool = False
    grace_seconds: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """A node of an API's tree.

    Attributes:
        key: what the API calls it; empty for the API itself.
        parent: None for the API itself.
        name: for people.
    """

    id: NodeId
    key: str
    parent: NodeId | None
    name: str


@dataclass(frozen=True, slots=True)
class ResourceTree:
    """All resources of an API, by key, and the API's own count of their changes."""

    organization: OrganizationId
    api: ApiId
    revision: int = 0
    resources: Mapping[str, Resource] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an API says that one of its resources is: under another one, or at the top."""

    key: str
    parent: str | None
    name: str


@dataclass(frozen=True, slots=True)
class TreeWish:
    """What an API says of its tree.

    Attributes:
        placed: what there is, and where.
        gone: keys of what there is no more.
        whole: whether there is nothing but what is placed.
        revision: the API's own count, which never goes back; None if it keeps none.
    """

    placed: tuple[Placed, ...]
    gone: tuple[str, ...] = ()
    whole: bool = False
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync came to.

    Attributes:
        written: new and changed resources, what hangs on a node after it.
        removed: those that are no more.
    """

    tree: ResourceTree
    written: tuple[Resource, ...]
    removed: tuple[Resource, ...]


def below_first(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return resources so that each stands before what it hangs on."""
    return tuple(reversed(above_first(resources)))


def above_first(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return resources so that each stands after what it hangs on, as far as that is among them."""
    waiting = {one.id: one for one in resources}
    found: list[Resource] = []
    while waiting:
        _, one = waiting.popitem()
        chain = [one]
        while one.parent is not None and one.parent in waiting:
            one = waiting.pop(one.parent)
            chain.append(one)
        found.extend(reversed(chain))
    return tuple(found)
