"""Reads that the caller holds already: 304, after permission and never instead of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from counterfoil.access.caller import Caller
from counterfoil.access.surface import Surface
from counterfoil.content import publish, write
from counterfoil.kernel.ids import NodeId
from support.content import Garden, token

BASES: Final = ("/cda", "/cda/preview")


class Shelf:
    """A garden with an entry, of which somebody holds what each address answers."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        self.inside = garden.folder(garden.root, "inside")
        self.outside = garden.folder(garden.root, "outside")
        self.near = garden.entry(self.inside, "near", published=True)
        self.far = garden.entry(self.outside, "far", published=True)

    def addresses(self, base: str) -> list[str]:
        return [
            f"{base}/items/{self.near}",
            f"{base}/items",
            f"{base}/items?filter[type]=article&sort=slug",
            f"{base}/nodes/{self.near}",
            f"{base}/nodes?filter[under]={self.inside}",
        ]

    def ask(self, address: str, caller: Caller, tag: str | None = None) -> Any:
        headers = {} if tag is None else {"if-none-match": tag}
        return self.garden.knock(caller)("GET", address, None, headers)

    def tag(self, address: str, caller: Caller) -> str:
        seen = self.ask(address, caller)
        assert seen.status == 200, seen.raw
        return str(seen.headers["etag"])


@pytest.fixture
def shelf(garden: Garden) -> Shelf:
    return Shelf(garden)


@pytest.mark.parametrize("base", BASES)
def test_what_is_held_is_not_sent(shelf: Shelf, base: str) -> None:
    """Whoever holds the body of an entry or list gets 304 with its tag, and nothing to store it."""
    for address in shelf.addresses(base):
        tag = shelf.tag(address, token())
        for held in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            seen = shelf.ask(address, token(), held)
            assert (seen.status, seen.raw) == (304, b""), address
            assert seen.headers["etag"] == tag
            assert "private" in seen.headers["cache-control"]
            assert "Authorization" in seen.headers["vary"].split(", ")
            assert "content-type" not in seen.headers


@pytest.mark.parametrize("base", BASES)
def test_what_changed_is_sent(shelf: Shelf, base: str) -> None:
    """A change of what an address shows changes its tag; a draft changes none of delivery (S33)."""
    held = {address: shelf.tag(address, token()) for address in shelf.addresses(base)}
    with shelf.garden.work() as work:
        write.edit_entry(work, shelf.near, {"text": "new"})
    expected = 304 if base == "/cda" else 200
    seen = {shelf.ask(address, token(), tag).status for address, tag in held.items()}
    assert seen == {expected}
    with shelf.garden.work() as work:
        publish(work, shelf.near)
    entry = f"{base}/items/{shelf.near}"
    assert shelf.ask(entry, token(), held[entry]).status == 200


LESS: Final[dict[str, tuple[Callable[[Shelf], Caller], set[int]]]] = {
    "another root": (lambda on: token(on.outside), {200, 403}),
    "no root": (lambda _: token(limited=True), {200, 403}),
    "no scope": (lambda _: token(may=0), {403}),
    "another surface": (lambda _: token(surfaces=Surface.MANAGEMENT.bit), {403}),
}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("who", LESS)
def test_who_sees_less_is_told_so(shelf: Shelf, base: str, who: str) -> None:
    """A tag from before a token was narrowed never turns a refusal or a shorter list into a 304."""
    less, statuses = LESS[who]
    for address in shelf.addresses(base):
        for tag in (shelf.tag(address, token()), 'W/"unknown"'):
            seen = shelf.ask(address, less(shelf), tag)
            assert seen.status in statuses, address
            plain = shelf.ask(address, less(shelf))
            assert (seen.status, seen.json) == (plain.status, _unlike(plain.json, seen.json))


def _unlike(plain: Any, seen: Any) -> Any:
    """Return the plain answer with the request id of the other."""
    for one, other in zip(plain.get("errors", ()), seen.get("errors", ()), strict=True):
        one["id"] = other["id"]
    return plain


@pytest.mark.parametrize("address", ["/cda/items/{}", "/cda/preview/items/{}", "/cda/nodes/{}"])
def test_any_tag_opens_nothing(shelf: Shelf, address: str) -> None:
    """`If-None-Match: *` on what is outside, gone or unknown is refused as it is without (S31)."""
    for id_ in (shelf.far, NodeId(1234567890123456)):
        assert shelf.ask(address.format(id_), token(shelf.inside), "*").status == 403
    shelf.garden.trash(shelf.near)
    assert shelf.ask(address.format(shelf.near), token(shelf.inside), "*").status == 403
    assert shelf.ask(address.format(shelf.near), token(), "*").status == 404


def test_a_wrong_tag_is_none(shelf: Shelf) -> None:
    """What is no entity tag holds nothing: the body is sent."""
    address = f"/cda/items/{shelf.near}"
    for tag in ("", "x", 'W/"', "é", '"a" "b"', "W/*"):
        assert shelf.ask(address, token(), tag).status == 200
