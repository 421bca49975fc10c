"""A garden to walk in: an organization's tree with content, and callers who see parts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from counterfoil import content
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import EVERY_SCOPE, Scope, Scopes, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface, Surfaces
from counterfoil.content import define_type, tree, write
from counterfoil.content.doors import assets as assets_doors
from counterfoil.content.doors import (
    bulk,
    delivery,
    files,
    item_types,
    items,
    locales,
    locks,
    nodes,
    schedule,
    trash,
    versions,
)
from counterfoil.content.graphql import assets, doors
from counterfoil.content.model import Asset, Node
from counterfoil.content.store import inside, seen
from counterfoil.content.store.visible import Sight
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.outbox import read_after
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId, TokenId, UserId
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS, SESSION_ONLY, Work, operation
from support.doors import Probe, Seen
from support.office import ACME, ORIGIN, session

GARDENER: Final = 1_000_000_000_000_101
ARTICLE: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "text": {"type": "string"},
        "rank": {"type": "integer"},
        "slug": {"type": "string"},
    },
    "required": ["title"],
    "additionalProperties": False,
}
ROUTES: Final = (
    *items.ROUTES,
    *nodes.ROUTES,
    *item_types.ROUTES,
    *assets_doors.ROUTES,
    *locales.ROUTES,
    *versions.ROUTES,
    *bulk.ROUTES,
    *schedule.ROUTES,
    *locks.ROUTES,
    *trash.ROUTES,
    *delivery.ROUTES,
    *files.ROUTES,
    *doors.ROUTES,
    *assets.ROUTES,
)
READS: Final = scopes(Scope.CONTENT_READ, Scope.CONTENT_TYPES_READ, Scope.ASSETS_READ)
EDIT: Final = READS | scopes(Scope.CONTENT_WRITE, Scope.CONTENT_DELETE, Scope.ASSETS_WRITE)


@operation("garden.plant", requires=None, methods=SESSION_ONLY)
def _plant(work: Work, organization: OrganizationId) -> NodeId:
    """Plant the root of an organization."""
    work.permit()
    return content.plant(work, organization)


OPERATIONS.pop("garden.plant")


class Garden:
    """An organization with a tree, and a gardener who may do everything there."""

    def __init__(self, office: Office, organization: OrganizationId = ACME) -> None:
        self.office = office
        self.organization = organization
        self.gardener = session(GARDENER, organization=organization)
        with self.work() as work:
            self.root = _plant(work, organization)
        self._article: ContentTypeId | None = None
        self._probe: Probe | None = None

    @contextmanager
    def work(self, caller: Caller | None = None) -> Iterator[Work]:
        with self.office.work(caller or self.gardener, ORIGIN) as work:
            yield work

    @property
    def article(self) -> ContentTypeId:
        """The content type of all entries here."""
        if self._article is None:
            with self.work() as work:
                self._article = define_type.create_content_type(
                    work, "article", "Article", "https://schema.test/article.json", ARTICLE
                ).id
        return self._article

    def folder(self, parent: NodeId, slug: str) -> NodeId:
        with self.work() as work:
            return tree.create_folder(work, parent, slug).id

    def entry(self, parent: NodeId, slug: str, *, published: bool = False, **more: Any) -> NodeId:
        article = self.article
        with self.work() as work:
            said = {"title": slug, **more}
            id_ = write.create_entry(work, parent, article, said, slug).id
            if published:
                content.publish(work, id_)
        return id_

    def shaped(self, api_key: str, **properties: Any) -> ContentTypeId:
        """Make a content type with these properties besides a title."""
        body = {"type": "object", "properties": {"title": {"type": "string"}, **properties}}
        with self.work() as work:
            made = define_type.create_content_type(
                work, api_key, api_key, f"urn:test:{api_key}", body
            )
        return made.id

    def told(
        self,
        parent: NodeId,
        of: ContentTypeId,
        slug: str | None = None,
        *,
        published: bool = True,
        **said: Any,
    ) -> NodeId:
        """Make an entry of any content type."""
        with self.work() as work:
            id_ = write.create_entry(work, parent, of, said, slug).id
            if published:
                content.publish(work, id_)
        return id_

    def asset(self, parent: NodeId, slug: str) -> NodeId:
        with self.work() as work:
            return write.create_asset(work, parent, slug, Asset(slug, "image/png", 7)).id

    def link(self, parent: NodeId, slug: str, target: NodeId) -> NodeId:
        with self.work() as work:
            return tree.create_link(work, parent, slug, target).id

    def move(self, id_: NodeId, to: NodeId) -> None:
        with self.work() as work:
            tree.move(work, id_, to)

    def trash(self, id_: NodeId) -> None:
        with self.work() as work:
            tree.trash(work, id_)

    def restore(self, id_: NodeId) -> None:
        with self.work() as work:
            tree.restore(work, id_)

    def node(self, id_: NodeId) -> Node:
        with self.office.database.reading() as tx:
            found = inside.node(tx, self.organization, (), id_)
        assert found is not None
        return found

    def lineage(self, id_: NodeId) -> Lineage:
        with self.office.database.reading() as tx:
            return content.lineage(tx, self.organization, id_)

    def events(self) -> list[AnyEvent]:
        with self.office.database.reading() as tx:
            return [event for _, event in read_after(tx, 0, 10_000)]

    def records(self) -> list[AnyEvent]:
        with self.office.database.reading() as tx:
            return list(content.records(tx))

    def knock(self, caller: Caller | None = None) -> Callable[..., Seen]:
        """Return somebody before the doors of the content slice."""
        return self._asking(caller or self.gardener)

    def stranger(self) -> Callable[..., Seen]:
        """Return somebody who presents no credential."""
        return self._asking(None)

    def _asking(self, who: Caller | None) -> Callable[..., Seen]:
        if self._probe is None:
            self._probe = Probe(self.office, None, routes=ROUTES, operations=OPERATIONS)
        probe = self._probe

        def ask(
            method: str, url: str, body: object = None, headers: Any = None, **environ: Any
        ) -> Seen:
            probe.caller = who
            return probe(method, url, body, headers, **environ)

        return ask


def token(
    *roots: NodeId,
    may: Scopes = EVERY_SCOPE,
    surfaces: Surfaces = ALL_SURFACES,
    terms: tuple[Term, ...] = (),
    limited: bool | None = None,
    organization: OrganizationId = ACME,
) -> Caller:
    """Return a personal token, restricted to these roots if there are any (or by `limited`)."""
    restricted = bool(roots) if limited is None else limited
    grant = Grant(terms or (Term(may),), (frozenset(roots),) if restricted else (), surfaces)
    return Caller(
        organization=organization,
        user=UserId(GARDENER + 1),
        method=Method.PERSONAL,
        grant=grant,
        token=TokenId(GARDENER + 2),
        token_name="visitor",
    )


def item_body(garden: Garden, parent: NodeId, **attributes: Any) -> dict[str, Any]:
    return {
        "data": {
            "type": "item",
            "attributes": attributes,
            "relationships": {
                "parent": {"data": {"type": "node", "id": str(parent)}},
                "item_type": {"data": {"type": "item_type", "id": str(garden.article)}},
            },
        }
    }


def node_body(parent: NodeId, slug: str, **more: Any) -> dict[str, Any]:
    relationships: dict[str, Any] = {"parent": {"data": {"type": "node", "id": str(parent)}}}
    if "target" in more:
        relationships["target"] = {"data": {"type": "node", "id": str(more.pop("target"))}}
    return {
        "data": {
            "type": "node",
            "attributes": {"slug": slug, **more},
            "relationships": relationships,
        }
    }


def id_of(answer: Seen) -> NodeId:
    """Return the id of what was made."""
    return NodeId(int(answer.json["data"]["id"]))


def said(garden: Garden, id_: NodeId, surface: Surface) -> bytes | None:
    """Return what this surface says of an entry; None if it is not there."""
    sight = Sight(garden.organization, garden.gardener.grant, surface)
    with garden.office.database.reading() as tx:
        shown = seen.one(tx, sight, id_)
    return None if shown is None else shown.content
