"""Routes and resources of registered APIs, as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from counterfoil.directory.routed import Placed, Resource, RouteTable, Synced, TreeWish
from counterfoil.directory.rules_routes import HIGHEST, LONGEST_GRACE_S, MOST_RESOURCES
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, ToOne, Versioned, to_one
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.routing.table import MOST_ROUTES, SAFE, Route

Count = Annotated[int, Meta(ge=0, le=HIGHEST)]
Grace = Annotated[int, Meta(ge=0, le=LONGEST_GRACE_S)]


class RouteSaid(Body, frozen=True):
    """A route: who may take it. One with an empty scope is open to everybody.

    `node` says which of the API's resources a request is about: `{page}` by a parameter of the
    path, `{?page}` by one of the query, `path` by the address itself, `any` where it does not
    matter; empty if it is about all of them. `changes` says of a GET that it changes something.
    """

    methods: list[str]
    path: str
    scope: str
    node: str = ""
    changes: bool | UnsetType = UNSET


class RoutesAttributes(Body, frozen=True):
    """All routes that the API shall have, and whether browsers of other origins may ask first.

    For `grace_seconds` after it last held a lease, a gate on another host goes on to let GET and
    HEAD pass on routes that change nothing, by what it knew then; 0 for none.
    """

    routes: Annotated[list[RouteSaid], Meta(max_length=MOST_ROUTES)]
    preflights: bool | UnsetType = UNSET
    grace_seconds: Grace | UnsetType = UNSET


class RoutesSaid(Body, frozen=True):
    """The table of an API."""

    type: Literal["api_routes"]
    attributes: RoutesAttributes
    id: str | UnsetType = UNSET


class RoutesBody(Body, frozen=True):
    """The document that declares the routes of an API."""

    data: RoutesSaid


class NodeSaid(Body, frozen=True, array_like=True):
    """A resource as a row: its key, the key that it stands under (null for the top), its name."""

    key: str
    parent: str | None = None
    name: str = ""


class TreeAttributes(Body, frozen=True):
    """What there is, and where. `revision` is the API's own count, which never goes back."""

    nodes: Annotated[list[NodeSaid], Meta(max_length=MOST_RESOURCES)]
    revision: Count | UnsetType = UNSET


class ChangeAttributes(Body, frozen=True):
    """What is new or stands elsewhere, and the keys of what is no more."""

    nodes: Annotated[list[NodeSaid], Meta(max_length=MOST_RESOURCES)] = field(default_factory=list)
    gone: Annotated[list[str], Meta(max_length=MOST_RESOURCES)] = field(default_factory=list)
    revision: Count | UnsetType = UNSET


class TreeSaid(Body, frozen=True):
    """The whole tree of an API."""

    type: Literal["api_tree"]
    attributes: TreeAttributes
    id: str | UnsetType = UNSET


class ChangeSaid(Body, frozen=True):
    """A part of the tree of an API."""

    type: Literal["api_tree"]
    attributes: ChangeAttributes
    id: str | UnsetType = UNSET


class TreeBody(Body, frozen=True):
    """The document that tells of a whole tree."""

    data: TreeSaid


class ChangeBody(Body, frozen=True):
    """The document that tells what changed in a tree."""

    data: ChangeSaid


class RouteShown(Given, frozen=True):
    """A route of an API."""

    methods: list[str]
    path: str
    scope: str
    node: str
    changes: bool


class RoutesFacts(Given, frozen=True):
    """What an API lists; everything else is closed."""

    routes: list[RouteShown]
    preflights: bool
    grace_seconds: int


class RoutesShown(Given, frozen=True, tag_field="type", tag="api_routes"):
    """The routes of an API; its id is the API's."""

    id: Id
    attributes: RoutesFacts
    meta: Versioned


class TreeFacts(Given, frozen=True):
    """How many resources there are, and what came of telling of them."""

    revision: int
    resources: int
    written: int
    removed: int


class TreeShown(Given, frozen=True, tag_field="type", tag="api_tree"):
    """The tree of an API; its id is the API's."""

    id: Id
    attributes: TreeFacts


class ResourceFacts(Given, frozen=True):
    """A resource: what the API calls it, and its name for people."""

    key: str
    name: str


class ResourcePlace(Given, frozen=True):
    """What it stands under; nothing for the API itself."""

    parent: ToOne


class ResourceShown(Given, frozen=True, tag_field="type", tag="resource"):
    """A resource. Its id is that of a node: the roots of a token may name it."""

    id: Id
    attributes: ResourceFacts
    relationships: ResourcePlace


def routes_of(said: RoutesAttributes) -> tuple[Route, ...]:
    """Return the routes that these attributes list."""
    return tuple(
        Route(
            methods=frozenset(one.methods),
            path=one.path,
            scope=one.scope,
            node=one.node,
            changes=_changes(one, f"/data/attributes/routes/{at}/changes"),
        )
        for at, one in enumerate(said.routes)
    )


def _changes(said: RouteSaid, at: str) -> bool:
    """Say whether a route changes something: by its methods, or because it is declared."""
    by_methods = not SAFE.issuperset(said.methods)
    if isinstance(said.changes, UnsetType):
        return by_methods
    if by_methods and not said.changes:
        raise Invalid(Code.INVALID_FIELD, "These methods always change something.", field=at)
    return said.changes


def tree_wish(said: TreeAttributes | ChangeAttributes) -> TreeWish:
    """Return what these attributes say of a tree."""
    return TreeWish(
        placed=tuple(Placed(one.key, one.parent, one.name) for one in said.nodes),
        gone=tuple(said.gone) if isinstance(said, ChangeAttributes) else (),
        whole=isinstance(said, TreeAttributes),
        revision=None if isinstance(said.revision, UnsetType) else said.revision,
    )


def show_routes(table: RouteTable) -> RoutesShown:
    """Describe the routes of an API."""
    routes = [
        RouteShown(
            methods=sorted(one.methods),
            path=one.path,
            scope=one.scope,
            node=one.node,
            changes=one.changes,
        )
        for one in table.routes
    ]
    return RoutesShown(
        id=str(table.api),
        attributes=RoutesFacts(
            routes=routes, preflights=table.preflights, grace_seconds=table.grace_seconds
        ),
        meta=Versioned(version=table.version),
    )


def show_synced(synced: Synced) -> TreeShown:
    """Describe what came of telling of a tree; the API's own node is not counted."""
    facts = TreeFacts(
        revision=synced.tree.revision,
        resources=sum(1 for key in synced.tree.resources if key),
        written=sum(1 for one in synced.written if one.key),
        removed=len(synced.removed),
    )
    return TreeShown(id=str(synced.tree.api), attributes=facts)


def show_resource(resource: Resource) -> ResourceShown:
    """Describe a resource."""
    return ResourceShown(
        id=str(resource.id),
        attributes=ResourceFacts(key=resource.key, name=resource.name),
        relationships=ResourcePlace(parent=to_one("resource", resource.parent)),
    )
