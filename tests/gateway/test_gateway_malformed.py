"""What is no token is refused by the gate before anything is looked up, and for less work."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from support.decisions import trail_in
from support.gate import BASE, environ
from support.office import StandingClock
from support.shop import READ, SHOP, holder, shop_in


class Counted:
    """A transaction of the books that counts what is looked up in it."""

    def __init__(self, txn: Any, looked_up: list[bytes]) -> None:
        self._txn = txn
        self._looked_up = looked_up

    def get(self, key: bytes, *more: Any, **named: Any) -> Any:
        self._looked_up.append(key)
        return self._txn.get(key, *more, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._txn, name)


class Asked:
    """A gateway, and what answering one credential looks up."""

    def __init__(self, gateway: Gateway, replica: Replica) -> None:
        self._gateway = gateway
        self.replica = replica
        self.looked_up: list[bytes] = []

    def __call__(self, credential: str) -> tuple[str, int]:
        """Return the status, and how many look-ups it took."""
        said: list[Any] = []
        self.looked_up.clear()
        list(self._gateway(sent(credential), lambda *line: said.extend(line)))
        return said[0][:3], len(self.looked_up)

    def work(self, credential: str, target: str = "/docs") -> int:
        """Return how many functions are called for an answer.

        That is with what every server has to do of it: it makes bytes of each name and value.
        """
        calls, asking = 0, sent(credential, target)

        def count(_frame: object, event: str, _arg: object) -> None:
            nonlocal calls
            calls += event in {"call", "c_call"}

        def start(_status: str, headers: list[tuple[str, str]]) -> None:
            for name, value in headers:
                name.encode()
                value.encode()

        before = sys.getprofile()
        sys.setprofile(count)
        self._gateway(asking, start)
        sys.setprofile(before)
        return calls

    def garbage(self, credential: str, times: int) -> int:
        """Return how many objects are left that only the collector can free."""
        gc.collect()
        gc.disable()
        for _ in range(times):
            self(credential)
        gc.enable()
        return gc.collect()


def sent(credential: str, target: str = "/docs") -> dict[str, str]:
    """Return what nginx sends of a request with a credential."""
    return environ(
        PATH_INFO=f"/authz/nginx/api_{SHOP}",
        REQUEST_METHOD="GET",
        HTTP_X_ORIGINAL_METHOD="GET",
        HTTP_X_ORIGINAL_URI=target,
        HTTP_AUTHORIZATION=credential,
    )


@pytest.fixture
def asked(tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    with shop_in(tmp_path) as replica:
        counts = Meters(tmp_path / "meters")
        books = Books(replica, clock, tmp_path / "follower.lock")
        one = Asked(Gateway(books, Kept(counts, trail_in(tmp_path)), lambda: "7" * 32), replica)
        begin = replica.begin
        monkeypatch.setattr(replica, "begin", lambda: Counted(begin(), one.looked_up))
        one("Bearer cfp_" + "0" * 49)  # the routes of the API are looked up once
        yield one
        counts.close()


MALFORMED = {
    "empty": "Bearer ",
    "another scheme": "Basic YW5uOnB3",
    "too short": "Bearer cfp_" + "0" * 48,
    "too long": "Bearer cfp_" + "0" * 50,
    "not ASCII": "Bearer cfp_" + "0" * 48 + "\u00e9",
    "far too long": "Bearer " + "x" * 8_000,
    "two": "Bearer cfp_" + "0" * 49 + ", Bearer cfp_" + "0" * 49,
    "spaces": "Bearer      ",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_credential_is_looked_up_nowhere(asked: Asked, what: str) -> None:
    """What cannot be a token is refused without one look into the books (S3)."""
    status, looked_up = asked(MALFORMED[what])
    assert status in {"400", "401", "403"}
    assert looked_up == 0


def test_what_may_be_a_token_is_looked_up(asked: Asked) -> None:
    """The count can fail: a token that nobody has takes a look, and so does one of somebody."""
    assert asked("Bearer cfp_" + "0" * 49) == ("401", 1)
    status, looked_up = asked(f"Bearer {holder(asked.replica, READ, token=BASE + 301)}")
    assert status == "200"
    assert looked_up > 1


PASS = 95
"""So many functions are called at most for a pass that was asked for before, of which a server has
24 to make bytes of its headers."""


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_credential_costs_less_than_a_good_one(asked: Asked, what: str) -> None:
    """Whoever sends nonsense has the gate do less than whoever may pass (S3).

    It is so where both have asked for an address before, and where neither has.
    """
    good, bad = f"Bearer {holder(asked.replica, READ, token=BASE + 301)}", MALFORMED[what]
    for credential in (good, bad):
        asked.work(credential)
    assert asked.work(bad) < asked.work(good) <= PASS
    assert asked.work(bad, "/docs?a=1") < asked.work(good, "/docs?a=2")


@pytest.mark.parametrize("what", [*MALFORMED, "nobody's"])
def test_a_refusal_leaves_nothing_to_be_collected(asked: Asked, what: str) -> None:
    """What a refusal was made of is gone with its answer: strangers keep no collector busy."""
    credential = MALFORMED.get(what, "Bearer cfp_" + "0" * 49)
    assert asked.garbage(credential, 50) < 50
