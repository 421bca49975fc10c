"""Whoever is refused waits for others who are, and keeps nobody good waiting (R18)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from werkzeug.test import Client

from counterfoil.app.gate import gate_before
from counterfoil.app.records import records
from counterfoil.feed.follow import Outbox
from counterfoil.gate.middleware_wsgi import CALLER, Application
from counterfoil.jsonapi import turnstile
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.route import Answer
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.entropy import system_entropy
from counterfoil.operation import OPERATIONS
from counterfoil.secret import Kind, Secret
from infra.wait import wait_until
from support.doors import route
from support.inside import Inside

NOBODYS = f"Bearer {Secret.mint(Kind.PERSONAL, system_entropy).reveal()}"
LONG_S = 30.0
MANY = 8


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "PATIENCE_S", LONG_S)


def gate(house: Inside, inner: Application) -> Client:
    app = house.app
    books = Outbox(app.database, records)
    before = gate_before(inner, app.office, app.verifier, app.replica, books)
    return Client(Guard(before, app.office.entropy, lambda *_: None, ()))


class Inner:
    """Holds those who are refused until it is told to go on, and counts how many are in it."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        if CALLER in environ:
            start("200 OK", [])
            return [b"good"]
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.go_on.wait(LONG_S)
        with self._lock:
            self.inside -= 1
        start("401 Unauthorized", [])
        return [b""]


@contextmanager
def refused(client: Client, inner: Inner, shown: str = NOBODYS) -> Iterator[list[Any]]:
    """Have many who are refused ask at once."""
    with ThreadPoolExecutor(MANY) as pool:
        ask = partial(client.get, "/cma/token", headers={"Authorization": shown})
        try:
            yield [pool.submit(ask) for _ in range(MANY)]
        finally:
            inner.go_on.set()


@pytest.mark.parametrize("shown", [NOBODYS, "Bearer cfp_short"], ids=["whole", "broken"])
def test_of_those_who_are_refused_one_is_answered_at_a_time(house: Inside, shown: str) -> None:
    """However many ask at once, whatever they show; and each of them is answered (R18)."""
    inner = Inner()
    with refused(gate(house, inner), inner, shown) as asking:
        wait_until(lambda: inner.inside == 1, "the first of them")
        inner.go_on.set()
        assert [one.result().status_code for one in asking] == [401] * MANY
    assert inner.most == 1


def test_a_pair_does_not_stand_in_it(house: Inside) -> None:
    """What is said to a key and its secret takes a database: many of them are in at once."""
    inner = Inner()
    pair = f"Basic {base64.b64encode(b'cfk_key:secret').decode()}"
    with refused(gate(house, inner), inner, pair) as asking:
        wait_until(lambda: inner.inside == MANY, "all of them")
        inner.go_on.set()
        assert {one.result().status_code for one in asking} == {401}


def test_whoever_is_good_does_not_wait_for_them(house: Inside) -> None:
    """A good token is served while one who is refused stands there, and others behind (R18)."""
    inner = Inner()
    client = gate(house, inner)
    good = f"Bearer {house.sample.told['tokens']['manager']}"
    with refused(client, inner):
        wait_until(lambda: inner.inside == 1, "the first of them")
        assert client.get("/cma/token", headers={"Authorization": good}).data == b"good"
        assert inner.inside == 1
        inner.go_on.set()


def test_who_comes_to_an_open_door_is_out_of_it(house: Inside) -> None:
    """With a token that is none, too, two may be in such a door: it takes as long as it likes."""
    together = threading.Barrier(2)

    def met(_asked: Any) -> Any:
        together.wait(LONG_S / 2)
        return Answer(200)

    doors = (route("GET", "/cma/open", met, "", "Meet", open=True),)
    inner = router(doors, Desk(house.app.office, lambda *_: None), OPERATIONS)
    client = gate(house, inner)
    with ThreadPoolExecutor(2) as pool:
        ask = partial(client.get, "/cma/open", headers={"Authorization": NOBODYS})
        told = [pool.submit(ask) for _ in range(2)]
        assert {one.result().status_code for one in told} == {200}
    assert not together.broken


def test_it_is_left_whatever_happens(house: Inside) -> None:
    """An application that fails keeps nobody behind it (R18)."""

    def fails(_environ: dict[str, Any], _start: Any) -> list[bytes]:
        raise ZeroDivisionError

    client = gate(house, fails)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            client.get("/cma/token", headers={"Authorization": NOBODYS})


def test_nobody_waits_there_for_long(house: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one does not move, the next ones go on all the same."""
    monkeypatch.setattr(turnstile, "PATIENCE_S", 0.01)
    inner = Inner()
    with refused(gate(house, inner), inner):
        wait_until(lambda: inner.inside == MANY, "all of them")
        inner.go_on.set()
