"""The tree."""

from __future__ import annotations

from typing import Final

from counterfoil.client.answer import Answer
from counterfoil.client.effect import Effect
from counterfoil.client.errors import NotFound
from counterfoil.client.model_content import Node
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.resource import listed, version_of
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb

_TYPE: Final = "node"
_PATH: Final = "/cma/nodes"


class Nodes(Noun[W]):
    """Places in the tree. A token's roots are ids of such."""

    @list_verb
    def list(self, /, *, sort: str = "", **filters: str) -> Listing[Node]:
        """Yield nodes; `parent`, `under`, `kind`, `path` and the other filters of the API."""
        return Listing(_PATH, query(filters, sort), Node.of)

    @verb
    def get(self, id_: str) -> Steps[Node]:
        """Return one node."""
        return _node((yield from self.wire.manners.ask("GET", f"{_PATH}/{part(id_)}")))

    @verb
    def at(self, path: str) -> Steps[Node | None]:
        """Return what stands at a path such as `/site/press`; None if one sees nothing there."""
        try:
            answer = yield from self.wire.manners.ask("GET", _PATH, query={"filter[path]": path})
        except NotFound:
            return None
        return next(map(Node.of, listed(answer.data)), None)

    @verb
    def create_folder(self, parent: str, slug: str) -> Steps[Node]:
        """Make a folder below a node."""
        document = body(_TYPE, {"kind": "folder", "slug": slug}, ties={"parent": ("node", parent)})
        return _node((yield from self.wire.manners.create(_PATH, document)))

    @verb
    def move(
        self, id_: str, *, parent: str | None = None, slug: str = "", version: int | None = None
    ) -> Steps[Node]:
        """Give it another parent, another slug, or both; all below comes along."""
        ask = self.wire.manners.ask(
            "PATCH",
            f"{_PATH}/{part(id_)}",
            body=body(
                _TYPE,
                {"slug": slug} if slug else {},
                id_,
                {"parent": ("node", parent) if parent else None},
            ),
            headers=if_match(version),
        )
        return _node((yield from ask))

    @verb
    def trash(self, id_: str) -> Steps[Effect | None]:
        """Put it into the trash, with all below; return where that holds."""
        return Effect.of((yield from self.wire.manners.ask("DELETE", f"{_PATH}/{part(id_)}")))

    @verb
    def restore(self, id_: str) -> Steps[Node]:
        """Bring it back from the trash."""
        return _node((yield from self.wire.manners.ask("POST", f"{_PATH}/{part(id_)}/restore")))


def _node(answer: Answer) -> Node:
    return Node.of(answer.data, version_of(answer), Effect.of(answer))
