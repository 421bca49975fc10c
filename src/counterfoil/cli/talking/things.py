"""Resources of one kind at a server: found by id or name, made, changed, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.record import Resource, id_of
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.answer import Answer

_PAGE: Final = 100
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Things:
    """Where resources of a kind stand, how their ids are spelled, and what people call one.

    Attributes:
        key: the attribute by which people name one.
        listing: the command that lists them.
    """

    path: str
    type: str
    prefix: Prefix
    called: str
    listing: str
    key: str = "name"
    paged: bool = True

    def each(self, client: Client, filters: Mapping[str, str] | None = None) -> Iterator[Resource]:
        """Yield them page by page."""
        if self.paged:
            return each(client, self.path, filters)
        return iter(listed(client.wire.ask("GET", self.path)))

    def id(self, client: Client, named: str) -> str:
        """Return the id of the one that is named by id or by name."""
        digits = named.removeprefix(f"{self.prefix}_")
        if is_id(digits):
            return digits
        return str(self.named(client, named)["id"])

    def named(self, client: Client, name: str) -> Resource:
        """Return the only one of this name.

        Raises:
            Stop: exit 6 for none, exit 7 for several.
        """
        found = [one for one in self.each(client) if one["attributes"].get(self.key) == name]
        live = [one for one in found if _is_live(one)] or found
        if not live:
            raise Stop(Exit.NOT_FOUND, f"There is no {self.called} called {name!r}", self.listing)
        if len(live) > 1:
            raise Stop(
                Exit.CONFLICT,
                f"{len(live)} are called {name!r}",
                "Name it by id: " + ", ".join(map(id_of, live)),
            )
        return live[0]

    def get(self, client: Client, named: str) -> tuple[Resource, dict[str, str]]:
        """Return the one that is named, and the header that changes it only as it is now."""
        return seen(client.wire.ask("GET", self.at(self.id(client, named))))

    def create(
        self,
        client: Client,
        attributes: Mapping[str, Any],
        ties: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Make one."""
        return client.wire.create(self.path, body(self.type, attributes, ties))

    def change(
        self,
        client: Client,
        named: str,
        attributes: Mapping[str, Any],
        ties: Mapping[str, Any] | None = None,
    ) -> Resource:
        """Change the one that is named, as it is now; return it."""
        return resource(self.patch(client, named, attributes, ties))

    def patch(
        self,
        client: Client,
        named: str,
        attributes: Mapping[str, Any],
        ties: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Change the one that is named, as it is now; return the answer."""
        found, match = self.get(client, named)
        changed = body(self.type, attributes, ties, found["id"])
        return client.wire.ask("PATCH", self.at(found["id"]), body=changed, headers=match)

    def delete(self, client: Client, named: str) -> Answer:
        """Delete the one that is named; return the answer."""
        return client.wire.ask("DELETE", self.at(self.id(client, named)))

    def at(self, id_: str, *further: str) -> str:
        """Return the address of one, or of something of it."""
        return "/".join([self.path, quote(id_, safe=""), *further])


def each(
    client: Client,
    path: str,
    filters: Mapping[str, str] | None = None,
    *,
    query: Mapping[str, str | int] | None = None,
) -> Iterator[Resource]:
    """Yield the resources of a list, page by page."""
    asked: dict[str, str | int] = {"page[size]": _PAGE, **(query or {})}
    asked |= {f"filter[{name}]": value for name, value in (filters or {}).items()}
    while True:
        answer = client.wire.ask("GET", path, query=asked)
        yield from listed(answer)
        after = _after(answer)
        if after is None or after == asked.get("page[after]"):
            return
        asked["page[after]"] = after


def body(
    type_: str,
    attributes: Mapping[str, Any],
    ties: Mapping[str, Any] | None = None,
    id_: str | None = None,
) -> dict[str, Any]:
    """Return a document about one resource; `ties` are ids of others by relationship and type."""
    data: dict[str, Any] = {"type": type_, "attributes": dict(attributes)}
    if id_ is not None:
        data["id"] = id_
    if ties:
        data["relationships"] = {name: {"data": told} for name, told in ties.items()}
    return {"data": data}


def tie(type_: str, id_: str) -> dict[str, str]:
    """Return how a document names another resource."""
    return {"type": type_, "id": id_}


def resource(answer: Answer) -> Resource:
    """Return the resource of an answer.

    Raises:
        Unexpected: if there is none.
    """
    found = answer.data
    if isinstance(found, dict) and isinstance(found.get("attributes"), dict):
        return found
    from counterfoil.client import Unexpected

    raise Unexpected("the answer holds no resource: is this a Counterfoil server?")


def secret_of(made: Resource, done: str, name: str = "token") -> str:
    """Return the secret that an answer shows this once, under that name.

    Raises:
        SecretLost: if it was shown to an answer that got lost.
    """
    secret = made["attributes"].get(name)
    if isinstance(secret, str):
        return secret
    from counterfoil.client import SecretLost

    raise SecretLost(f"{id_of(made)} {done}, but the answer with its secret got lost")


def listed(answer: Answer) -> list[Resource]:
    """Return the resources of a list.

    Raises:
        Unexpected: if the answer is none.
    """
    found = answer.data
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    from counterfoil.client import Unexpected

    raise Unexpected("the answer is not a list: is this a Counterfoil server?")


def seen(answer: Answer) -> tuple[Resource, dict[str, str]]:
    """Return the resource of an answer, and the header that names the version that was seen."""
    etag = answer.headers.get("etag")
    return resource(answer), {"if-match": etag} if etag else {}


def is_id(text: str) -> bool:
    """Say whether these are the digits of an id."""
    return len(text) == _DIGITS and text.isascii() and text.isdigit()


def _is_live(one: Resource) -> bool:
    return one["attributes"].get("state") not in {"expired", "revoked", "denied", "lapsed"}


def _after(answer: Answer) -> str | None:
    """Return the next page's cursor: all that is taken from the link, never its address."""
    links = answer.document.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    if not isinstance(following, str):
        return None
    return next(iter(parse_qs(urlsplit(following).query).get("page[after]", [])), None)
