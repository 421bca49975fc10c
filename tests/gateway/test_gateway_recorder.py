"""The recorder: it watches, writes shapes and no values, and opens nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from counterfoil.feed.event import ApiRecorded, ApiStruck, MemberRecorded, ScopeRecord
from counterfoil.gateway import recorder as recording
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.gateway.recorder import Recorder, recorded
from counterfoil.gateway.serve import Plan, _require_recordable
from counterfoil.routing.propose import propose
from docs.pages import ROOT
from support.decisions import trail_in
from support.gate import ACME, BASE, BEN, OTHER, OTHER_DEV, tell
from support.office import StandingClock
from support.shop import READ, SHELF, SHOP, holder, shop_in

ASKED = (
    ("GET", "/items/17?draft=secret"),
    ("GET", "/items/18"),
    ("GET", "/search?under=17"),
    ("DELETE", "/items/17"),
    ("GET", "/orders/2026-000017/ann@example.com"),
    ("GET", "/health"),
    ("GET", "/items/../admin"),
    ("get", "/items/17"),
)


@dataclass
class Two:
    """Two gateways of the same books: one records, one does not."""

    records: Gateway
    plain: Gateway
    tokens: tuple[str | None, ...]
    file: Path

    def ask(self, gateway: Gateway, method: str, target: str, token: str | None) -> object:
        said: list[object] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": f"/authz/nginx/api_{SHOP}",
            "HTTP_X_ORIGINAL_METHOD": method,
            "HTTP_X_ORIGINAL_URI": target,
        }
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        body = list(gateway(environ, lambda *line: said.extend(line)))
        return said, body


@pytest.fixture
def two(tmp_path: Path, clock: StandingClock) -> Iterator[Two]:
    with shop_in(tmp_path) as replica:
        books = Books(replica, clock, tmp_path / "follower.lock")
        counts = Meters(tmp_path / "meters")
        file = tmp_path / "recorded"
        tokens = (
            holder(replica, READ),
            holder(replica, READ, roots=(SHELF,), token=BASE + 102),
            "cfp_" + "0" * 49,
            None,
        )

        def gateway(recorder: Recorder | None) -> Gateway:
            return Gateway(books, Kept(counts, trail_in(tmp_path), recorder), lambda: "7" * 32)

        yield Two(gateway(Recorder(file, books)), gateway(None), tokens, file)
        counts.close()


def test_it_opens_nothing(two: Two) -> None:
    """While it records, a gate answers to the byte what it answers without: nothing more passes."""
    allowed = 0
    for method, target in ASKED:
        for token in two.tokens:
            answer = two.ask(two.records, method, target, token)
            assert answer == two.ask(two.plain, method, target, token)
            allowed += "200 OK" in str(answer)
    assert 0 < allowed < len(ASKED) * len(two.tokens) / 2


def test_it_writes_no_values(two: Two) -> None:
    """In the file stand words and ids of tokens: no value of path or query, and no token (S9)."""
    for method, target in ASKED:
        for token in two.tokens:
            two.ask(two.records, method, target, token)
    text = two.file.read_text()
    for value in ("17", "18", "2026", "ann", "secret", "cfp_", "admin"):
        assert value not in text.replace(str(SHOP), "").replace(f"tok_{BASE}", ""), value
    assert two.file.stat().st_mode & 0o077 == 0
    shapes = {tuple(json.loads(line)["shape"]) for line in text.splitlines()}
    assert shapes == {("items", None), ("search",), ("orders", None, None), ("health",)}


def test_a_word_may_be_a_value(two: Two) -> None:
    """What is of letters alone is taken for a word, and stands in the file: the page says so."""
    two.ask(two.records, "GET", "/users/ann?who=ben", two.tokens[0])
    assert '["users","ann"]' in two.file.read_text()
    assert "ben" not in two.file.read_text()
    page = (ROOT / "docs" / "how-to" / "record-an-api.md").read_text()
    assert "of `/users/ann` `ann` is in the file" in page


def test_a_shape_is_written_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it comes, and in a new process too; and no more than so many are."""
    for _ in range(3):
        two.ask(two.records, "GET", "/items/17", two.tokens[0])
    assert len(two.file.read_text().splitlines()) == 1
    again = Recorder(two.file, two.plain._books)  # noqa: SLF001 - the books of this test
    monkeypatch.setattr(recording, "MOST", 2)
    two.records._recorder = again  # noqa: SLF001 - as after a restart
    for target in ("/items/17", "/health", "/docs", "/search"):
        two.ask(two.records, "GET", target, two.tokens[0])
    assert len(two.file.read_text().splitlines()) == 2


def test_strangers_do_not_fill_it(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no token in force fills a part of the file alone, after a restart too."""
    monkeypatch.setattr(recording, "STRANGERS", 2)
    for token in two.tokens[2:]:
        for word in ("a", "b", "c", "d"):
            two.ask(two.records, "GET", f"/{word}", token)
    assert len(two.file.read_text().splitlines()) == 2
    two.records._recorder = Recorder(two.file, two.plain._books)  # noqa: SLF001 - a restart
    two.ask(two.records, "GET", "/e", None)
    two.ask(two.records, "GET", "/items/17", two.tokens[0])
    told = [one.token for _, one in recorded(two.file)]
    assert told == [None, None, f"tok_{BASE + 101}"]


def test_a_token_of_others_is_a_strangers(two: Two) -> None:
    """Whose token speaks in another organization has no part in what is proposed here (S25)."""
    replica = two.plain._books.replica  # noqa: SLF001 - the books of this test
    tell(
        replica,
        MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,)),
    )
    elsewhere = holder(replica, READ, token=BASE + 103, organization=OTHER)
    two.ask(two.records, "GET", "/orders/12", elsewhere)
    (line,) = two.file.read_text().splitlines()
    assert "token" not in json.loads(line)


def test_a_token_is_told_before_there_is_a_table(two: Two) -> None:
    """An API that has none yet is its organization's too: that is when one is proposed (S25)."""
    replica = two.plain._books.replica  # noqa: SLF001 - the books of this test
    tell(
        replica,
        MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,)),
        ApiStruck(organization=ACME, api=SHOP),
        ApiRecorded(organization=ACME, api=SHOP, scopes=(ScopeRecord("shop:read", READ),)),
    )
    elsewhere = holder(replica, READ, token=BASE + 103, organization=OTHER)
    for target, token in (("/new", two.tokens[0]), ("/old", elsewhere), ("/odd", two.tokens[2])):
        two.ask(two.records, "GET", target, token)
    told = {one.shape: one.token for _, one in recorded(two.file)}
    assert told == {("new",): f"tok_{BASE + 101}", ("old",): None, ("odd",): None}


def test_nobody_else_reads_what_is_recorded(tmp_path: Path) -> None:
    """The file is its owner's alone, from before the first worker opens it."""
    file = tmp_path / "recorded"
    _require_recordable(Plan(data_dir=str(tmp_path), record=str(file)))
    assert file.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_no_refusal(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written down is decided as ever."""

    def full(_file: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert "200 OK" in str(two.ask(two.records, "GET", "/items/17", two.tokens[0]))


def test_a_table_is_proposed_of_it(two: Two) -> None:
    """The proposal keeps the lines that were used, adds those that were missing, and names scopes.

    What is about a resource names it; a token gets what it sent requests for, and no more.
    """
    first, second, *_ = two.tokens
    two.ask(two.records, "GET", "/items/17", second)
    two.ask(two.records, "DELETE", "/items/17", first)
    two.ask(two.records, "GET", "/orders/12", first)
    found = propose(one for _, one in recorded(two.file, f"api_{SHOP}"))
    assert [(sorted(one.methods), one.path, one.scope, one.node) for one in found.routes] == [
        (["DELETE"], "/items/{item}", "items:write", "{item}"),
        (["GET"], "/items/{item}", "shop:read", "{item}"),
        (["GET"], "/orders/{order}", "orders:read", ""),
    ]
    assert found.needs == {
        f"tok_{BASE + 101}": {"items:write", "orders:read"},
        f"tok_{BASE + 102}": {"shop:read"},
    }
