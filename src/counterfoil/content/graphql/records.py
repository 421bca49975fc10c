"""What a GraphQL query looks up: each through the same verbs as REST, so that verdicts are equal.

Records that fields of a whole page refer to are fetched together, and what was looked up once in a
request is not looked up again (S40).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from graphql import GraphQLError

from counterfoil.access.surface import Surface
from counterfoil.content import read
from counterfoil.content.doors.wire import node_id
from counterfoil.content.graphql.limits import MOST_VALUES, OF_A_RECORD, TooMuch
from counterfoil.content.model import Kind, Shown
from counterfoil.content.read import Listing
from counterfoil.content.steps.sift import Ask
from counterfoil.content.store import locales as store_locales
from counterfoil.content.store.wish import Wish
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work


@dataclass(frozen=True, slots=True)
class Record:
    """An entry with its content, read once."""

    shown: Shown
    said: Mapping[str, Any]


@dataclass(slots=True)
class Lookup:
    """One request's look into the content, on one surface."""

    work: Work
    surface: Surface
    _seen: dict[NodeId, Record | None] = field(default_factory=dict)
    _counts: dict[tuple[Wish, tuple[Ask, ...]], int] = field(default_factory=dict)
    _pages: dict[tuple[Wish, int, int, tuple[Ask, ...]], list[Record]] = field(default_factory=dict)
    _known: tuple[str, ...] | None = None
    _left: int = MOST_VALUES

    @property
    def drafts(self) -> bool:
        """Whether drafts are what is shown."""
        return self.surface is Surface.PREVIEW

    def locales(self, asked: str | None) -> tuple[str, ...]:
        """Return in which locales to look for a value: the asked one, or else the default one.

        Raises:
            GraphQLError: if the organization has no such locale.
        """
        if self._known is None:
            self._known = store_locales.locales(self.work.tx, self.work.caller.organization)
        if asked is None:
            return self._known[:1]
        if asked not in self._known:
            message = f"A locale is one of {', '.join(self._known)}."
            raise GraphQLError(message, extensions={"code": "INVALID_REQUEST"})
        return (asked, self._known[0])

    def page(self, wish: Wish, first: int, skip: int, asks: tuple[Ask, ...] = ()) -> list[Record]:
        """Return a page of entries.

        Raises:
            GraphQLError: with the code of the refusal, where REST refuses.
        """
        asked = (wish, first, skip, asks)
        if asked not in self._pages:
            listing = Listing(wish, size=first, offset=skip, counted=False, asks=asks)
            self._pages[asked] = [self._keep(one) for one in self._asked(listing).items]
        self.spend(OF_A_RECORD * len(self._pages[asked]))
        return self._pages[asked]

    def count(self, wish: Wish, asks: tuple[Ask, ...] = ()) -> int:
        """Return how many entries there are: see `page`."""
        if (wish, asks) not in self._counts:
            found = self._asked(Listing(wish, size=1, asks=asks))
            self._counts[wish, asks] = found.total or 0
        return self._counts[wish, asks]

    def one(self, text: str, content_type: str) -> Record | None:
        """Return an entry of a type by its id.

        Raises:
            GraphQLError: with the code of the refusal, where REST refuses.
        """
        show = read.show_draft if self.drafts else read.show_published
        try:
            record = self._keep(show(self.work, node_id(text), (Kind.ENTRY,)))
        except CounterfoilError as error:
            raise refusal(error) from None
        return record if str(record.shown.node.content_type) == content_type else None

    def spend(self, values: int) -> None:
        """Return if so many values more may be answered.

        Raises:
            TooMuch: if not.
        """
        self._left -= values
        if self._left < 0:
            raise TooMuch

    def fetch(self, ids: Iterable[str]) -> None:
        """Look up together the entries that a page refers to."""
        wanted = {node_id(text) for text in ids} - set(self._seen)
        if not wanted:
            return
        self._seen.update(dict.fromkeys(wanted))
        wish = Wish(kinds=(Kind.ENTRY,), ids=tuple(sorted(wanted)))
        for shown in self._list(Listing(wish, size=len(wanted), counted=False)).items:
            self._keep(shown)

    def referred(self, text: object) -> Record | None:
        """Return the entry that a field refers to; None if the caller does not see it here."""
        if not isinstance(text, str):
            return None
        self.spend(OF_A_RECORD)
        self.fetch([text])
        return self._seen[node_id(text)]

    def _asked(self, listing: Listing) -> read.Found:
        if not listing.asks:
            return self._list(listing)
        try:
            return self._list(listing)
        except CounterfoilError as error:
            raise refusal(error) from None

    def _list(self, listing: Listing) -> read.Found:
        find = read.list_drafts if self.drafts else read.list_published
        return find(self.work, listing)

    def _keep(self, shown: Shown) -> Record:
        said = {} if shown.content is None else msgspec.json.decode(shown.content)
        record = Record(shown, said)
        self._seen[shown.node.id] = record
        return record


def refusal(error: CounterfoilError) -> GraphQLError:
    """Say a refusal as GraphQL does: beside a null, with our code."""
    return GraphQLError(error.detail or str(error.code), extensions={"code": str(error.code)})
