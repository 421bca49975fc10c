"""Two trees, alike inside a root and different outside, and the callers who see the inside."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.audit.journal import Journal
from counterfoil.content import define_type, locales, tree, write
from counterfoil.content.lock import lock_node
from counterfoil.content.schedule import set_schedule
from counterfoil.content.upload import File, create_uploaded_asset, request_upload
from counterfoil.kernel.ids import NodeId
from counterfoil.office import Office, at_their_word
from counterfoil.runtime.files import Files
from support.content import Garden, token
from support.office import StandingClock, emptied

OUTSIDER = NodeId(4_000_000_000_000_004)


UNKNOWN = NodeId(4_000_000_000_000_777)


class Twin:
    """A tree whose inside is always the same; what is `rich` has a lot going on outside."""

    def __init__(self, folder: Path, *, rich: bool) -> None:
        self.database = emptied(f"sqlite:///{folder}")
        office = Office(
            self.database,
            Journal(self.database),
            StandingClock(),
            random.Random(1).randbytes,
            committed=lambda _position: None,
            verify=at_their_word,
            cursor_key=b"k" * 32,
            files=Files(folder.with_suffix(".files"), random.Random(1).randbytes),
        )
        self.garden = Garden(office)
        garden = self.garden
        garden.article  # noqa: B018 - made now, so that its id is the same
        nursery = garden.folder(garden.root, "nursery")
        self.inside = garden.folder(nursery, "inside")
        self.grow_inside(nursery)
        office.entropy = random.Random(2 if rich else 4).randbytes
        self.top = garden.folder(garden.root, "top")
        garden.move(self.inside, self.top)
        if rich:
            self.grow_outside()
        else:
            garden.trash(self.beyond)
            garden.trash(self.remote)
        office.entropy = random.Random(3).randbytes

    def grow_inside(self, outside: NodeId) -> None:
        garden, inside = self.garden, self.inside
        self.blog = garden.folder(inside, "blog")
        self.public = garden.entry(self.blog, "public", published=True, text="open")
        self.draft = garden.entry(self.blog, "draft")
        self.updated = garden.entry(inside, "updated", published=True)
        with garden.work() as work:
            write.edit_entry(work, self.updated, {"text": "not yet"})
        self.asset = garden.asset(inside, "logo.png")
        self.file = self.upload(inside)
        self.link = garden.link(inside, "link", self.public)
        self.astray = garden.link(inside, "astray", outside)
        self.trashed = garden.entry(self.blog, "trashed", published=True)
        with garden.work() as work:
            lock_node(work, self.public)
        with garden.work() as work:
            set_schedule(work, self.draft, work.now + timedelta(days=1), None)
        garden.trash(self.trashed)
        self.sub = garden.entry(self.draft, "sub", published=True)
        self.beyond = garden.entry(outside, "beyond", published=True)
        self.remote = garden.asset(outside, "remote.png")
        with garden.work() as work:
            locales.edit_locales(work, ["en", "de"])
        naming = {"type": "string", "x-reference": []}
        story = garden.shaped(
            "story",
            author=naming,
            related={"type": "array", "items": naming, "x-localized": True},
            cover={"type": "string", "x-asset": True},
        )
        named = [str(one) for one in (self.beyond, self.public, self.draft)]
        self.story = garden.told(
            inside,
            story,
            "story",
            author=str(self.beyond),
            related={"en": named},
            cover=str(self.remote),
        )

    def upload(self, parent: NodeId) -> NodeId:
        """Put a file into the tree as an asset."""
        garden = self.garden
        with garden.work() as work:
            asked = request_upload(work, garden.office.files)
            garden.office.files.receive(garden.organization, asked.upload, [b"a picture"])
            file = File(asked.upload, "picture.txt", "text/plain")
            return create_uploaded_asset(work, parent, None, file, garden.office.files).id

    def grow_outside(self) -> None:
        """Put much around it, and move the inside to another place altogether."""
        garden = self.garden
        for number in range(3):
            garden.entry(self.top, f"sibling-{number}", published=True)
        with garden.work() as work:
            work.entropy = lambda _size: (OUTSIDER << 3).to_bytes(7)
            tree.create_folder(work, self.top, "other")
        garden.entry(OUTSIDER, "hidden", published=True)
        garden.trash(garden.entry(OUTSIDER, "thrown"))
        garden.link(self.top, "into", self.public)
        garden.link(garden.root, "blog", self.blog)
        self.upload(self.top)
        with garden.work() as work:
            define_type.create_content_type(work, "extra", "Extra", "u:extra", {})
        for _ in range(3):
            garden.move(OUTSIDER, garden.root)
            garden.move(OUTSIDER, self.top)
        deep = garden.folder(garden.root, "deep")
        with garden.work() as work:
            tree.move(work, self.top, deep)
            tree.move(work, self.top, garden.root)

    @property
    def named(self) -> list[NodeId]:
        """Every id that a request may name: inside, above, outside and unknown."""
        return [
            self.inside, self.blog, self.public, self.draft, self.updated, self.asset, self.file,
            self.link, self.astray, self.trashed, self.sub, self.story, self.beyond, self.top,
            self.garden.root, OUTSIDER, UNKNOWN,
        ]  # fmt: skip


CALLERS: dict[str, Callable[[Twin], Caller]] = {
    "token of the root": lambda twin: token(twin.inside),
    "token of two roots": lambda twin: token(twin.blog, twin.asset),
    "token of a root and an unknown one": lambda twin: token(twin.inside, UNKNOWN),
    "token of a role that reads content alone": lambda twin: token(
        twin.inside, may=scopes(Scope.CONTENT_READ)
    ),
    "token of nothing": lambda _: token(limited=True),
    "role of the root": lambda twin: token(terms=(Term(EVERY_SCOPE, frozenset({twin.inside})),)),
    "token of the root, role of a part": lambda twin: token(
        twin.inside, terms=(Term(EVERY_SCOPE, frozenset({twin.blog})),)
    ),
}


QUERIES = (
    "{ allArticles(first: 50) { id _slug _createdAt _updatedAt title text } }",
    "{ _allArticlesMeta { count } allArticles(orderBy: _updatedAt_DESC, skip: 1) { id } }",
    "{ __schema { types { name fields { name } } } }",
    "{ allArticle { id } }",
    "{ allStories { author { ...a } cover related { ...a } } } fragment a on ArticleRecord { id }",
)
