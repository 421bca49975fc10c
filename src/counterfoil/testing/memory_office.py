"""What a test says is so, as the events by which the real office would tell a gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from counterfoil.access.scope import FIRST_CUSTOM, GRAMMAR, Scope, Scopes, scopes
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiRouted,
    Event,
    NodePlaced,
    OrganizationRecorded,
    ResourcePlaced,
    RoleRecorded,
    RouteRecord,
    ScopeRecord,
)
from counterfoil.gate.replica import Replica
from counterfoil.kernel.ids import LOWEST, ApiId, NodeId

BUILT_IN: Final = {str(scope): scope for scope in Scope}


class MemoryOffice:
    """One organization, whose books are the replica that it tells."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._last = LOWEST
        self._custom: dict[str, int] = {}
        self._nodes: dict[str, NodeId] = {}
        self._routes: list[RouteRecord] = []
        self._resources: dict[str, NodeId] = {}
        self.organization: Final = self.new_id()
        self.api: Final = ApiId(self.new_id())
        self.tell(
            OrganizationRecorded,
            name="Tests",
            management_limit=1_000_000,
            management_window_ms=1000,
        )

    @property
    def next_position(self) -> int:
        """The position of what is told next."""
        return self._replica.position() + 1

    def new_id(self) -> int:
        """Return an id that nobody has."""
        self._last += 1
        return self._last

    def put(self, event: AnyEvent) -> None:
        """Tell the gate an event."""
        self._replica.apply(self.next_position, event)

    def tell(self, kind: type[Event], **said: Any) -> None:  # noqa: ANN401 - the event's own fields
        """Tell the gate an event of the organization."""
        event: Any = kind(organization=self.organization, **said)
        self.put(event)

    def role(self, role: int, mask: Scopes, custom: tuple[int, ...]) -> None:
        """Say what a role allows."""
        self.tell(RoleRecorded, role=role, scopes=mask, custom=custom)

    def node(self, path: str) -> NodeId:
        """Return the node at a path, made with all above it if need be."""
        path = "/" + path.strip("/")
        if path not in self._nodes:
            above = None if path == "/" else self.node(path.rpartition("/")[0])
            self._nodes[path] = NodeId(self.new_id())
            self.tell(NodePlaced, node=self._nodes[path], parent=above)
        return self._nodes[path]

    def split(self, names: Iterable[str]) -> tuple[Scopes, tuple[int, ...]]:
        """Return built-in scopes as a set, and the numbers of an API's own."""
        asked = list(names)
        mask = scopes(*(BUILT_IN[name] for name in asked if name in BUILT_IN))
        return mask, tuple(self.number(name) for name in asked if name not in BUILT_IN)

    def number(self, name: str) -> int:
        """Return the number of an API's own scope, registered when it is first named.

        Raises:
            ValueError: for what no scope is spelled like.
        """
        if name not in self._custom:
            if not GRAMMAR.fullmatch(name):
                message = f"{name!r} is no scope: it looks like orders:read"
                raise ValueError(message)
            self._custom[name] = FIRST_CUSTOM + len(self._custom)
            known = tuple(ScopeRecord(one, number) for one, number in self._custom.items())
            self.tell(ApiRecorded, api=self.api, scopes=known)
        return self._custom[name]

    def route(self, route: RouteRecord) -> None:
        """Say that the API has this route too, whose scope is registered if need be."""
        if route.scope:
            self.number(route.scope)
        self._routes.append(route)
        self.tell(ApiRouted, api=self.api, routes=tuple(self._routes))

    def resource(self, key: str, below: str) -> NodeId:
        """Return the node that the API calls so, placed below another one if it is new."""
        if key not in self._resources:
            above = self.resource(below, "") if key else None
            self._resources[key] = NodeId(self.new_id())
            self.tell(
                ResourcePlaced, api=self.api, key=key, node=self._resources[key], parent=above
            )
        return self._resources[key]
