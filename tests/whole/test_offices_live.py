"""Two offices on one real Postgres, as on two hosts: each with its own data directory and gate."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from counterfoil.content.doors.examples import NEW_ITEM_TYPE
from counterfoil.kernel.ids import Prefix, spell
from infra.mail import MailServer
from infra.postgres import new_database
from infra.server import Server, gateway, serving
from infra.wait import wait_until
from support.installation import EMAIL, SHARED_KEYS, install
from support.sample import Said, Talker

DOOMED = 9
"""Tokens that are there to be revoked, after the first six."""

EACH = 12
ROUNDS = 5
NEXT = "SELECT position FROM feed WHERE position > %s ORDER BY position"
PUBLISHED = "SELECT target FROM audit_entry WHERE operation = 'entry.publish'"


@dataclass(frozen=True)
class Offices:
    """Two servers, the tokens of the installation, and where its books are."""

    servers: tuple[Server, Server]
    homes: tuple[Path, Path]
    tokens: list[str]
    root: int
    books: str
    mail: MailServer

    def talkers(self, token: str) -> list[Talker]:
        return [Talker(server.port).bearing(token) for server in self.servers]


@contextmanager
def offices(here: Path, postgres: int) -> Iterator[Offices]:
    first, second, mail = here / "first", here / "second", MailServer()
    with new_database(postgres) as url, mail.opened():
        made = install(first, tokens=6 + DOOMED, database_url=url)
        second.mkdir(mode=0o700)
        for key in SHARED_KEYS:
            shutil.copy2(first / key, second / key)
        env = {
            "COUNTERFOIL_DATABASE_URL": url,
            "COUNTERFOIL_FILES": str(here / "files"),
            "COUNTERFOIL_MAIL": mail.url,
            "COUNTERFOIL_BASE_URL": "http://localhost",
        }
        with serving(first, env=env) as one, serving(second, env=env) as other:
            books = url.replace("+psycopg", "")
            yield Offices((one, other), (first, second), made.tokens, made.root, books, mail)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, postgres: int) -> Iterator[Offices]:
    with offices(tmp_path_factory.mktemp("offices"), postgres) as running:
        yield running


def folder(talk: Talker, root: int, slug: str) -> Said:
    data = {
        "type": "node",
        "attributes": {"kind": "folder", "slug": slug},
        "relationships": {"parent": {"data": {"type": "node", "id": str(root)}}},
    }
    return talk("POST", "/cma/nodes", {"data": data})


class Reader(threading.Thread):
    """Follows the feed of a database as a gate does, and keeps the positions that it saw."""

    def __init__(self, books: str) -> None:
        super().__init__()
        self._books = books
        self._enough = threading.Event()
        self.seen: list[int] = []

    def run(self) -> None:
        with psycopg.connect(self._books, autocommit=True) as tx:
            while not self._enough.is_set():
                last = self.seen[-1] if self.seen else 0
                self.seen += [row[0] for row in tx.execute(NEXT, (last,))]

    def stop(self) -> None:
        self._enough.set()
        self.join()


def test_positions_of_two_offices_come_in_order(two: Offices) -> None:
    """Both write at once: no position lacks, and none appears after a greater one was seen (R8).

    So it is in the audit trail, which takes its positions from the same row.
    """
    reader = Reader(two.books)
    reader.start()
    talkers = two.talkers(two.tokens[0])

    def write(number: int) -> int:
        return folder(talkers[number % 2], two.root, f"folder-{number}").status

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(write, range(4 * EACH))) == {201}
    with psycopg.connect(two.books) as tx:
        (head,) = tx.execute("SELECT position FROM feed_head").fetchone() or (0,)
        entries = [row[0] for row in tx.execute("SELECT position FROM audit_entry ORDER BY 1")]
    wait_until(lambda: reader.seen[-1] >= head, "the reader")
    reader.stop()
    assert reader.seen == list(range(1, reader.seen[-1] + 1))
    assert entries == list(range(1, len(entries) + 1))


def test_what_one_office_does_holds_at_the_gate_of_the_other(two: Offices) -> None:
    """Each gate follows both offices, and at once for who says how far they have seen (R1, R19)."""
    here, there = two.talkers(two.tokens[1])
    assert there("GET", "/cda/items").status == 200
    gone = here("DELETE", "/cma/token")
    assert gone.status == 200
    assert here("GET", "/cda/items").status == 401
    position = gone.headers["counterfoil-position"]
    assert there("GET", "/cda/items", Counterfoil_At_Least=position).status == 401
    wait_until(
        lambda: (
            len({Talker(one.port)("GET", "/readyz").body["position"] for one in two.servers}) == 1
        ),
        "both gates to stand at one position",
    )


def revoke(two: Offices, token: str) -> None:
    """Revoke a token at the first office; what is answered says that this holds everywhere."""
    gone = Talker(two.servers[0].port).bearing(token)("DELETE", "/cma/token")
    assert (gone.status, gone.body["meta"]["effective"]) == (200, "everywhere")


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Let a server's processes stand still."""
    os.killpg(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server.process.pid, signal.SIGCONT)


def test_what_one_office_answered_holds_at_the_other(two: Offices) -> None:
    """When a revocation was answered, the other office refuses its token, asked at once (R1)."""
    for token in two.tokens[6:12]:
        there = Talker(two.servers[1].port).bearing(token)
        assert there("GET", "/cma/token").status == 200
        revoke(two, token)
        assert there("GET", "/cma/token").status == 401


def test_an_office_that_is_frozen(two: Offices) -> None:
    """An office that stands still keeps no revocation from being answered, two seconds later.

    When it goes on, it lets nobody in by what it knew before; and neither does the gate beside it,
    which had gone on (R1, R2).
    """
    later, *tokens = two.tokens[12:]
    with gateway(two.homes[1]) as gate:
        for token in tokens:
            where = {"node": spell(Prefix.NODE, two.root)}
            question = {"token": token, "action": "content:read", "resource": where}
            there = Talker(two.servers[1].port).bearing(token)
            assert there("GET", "/cma/token").status == 200
            wait_until(lambda: Talker(gate.port)("GET", "/readyz").status == 200, "the gate")
            assert Talker(gate.port)("POST", "/authz/decision", question).body["allowed"]
            with frozen(two.servers[1]):
                revoke(two, token)
                told = Talker(gate.port)("POST", "/authz/decision", question)
                assert (told.body["allowed"], told.body["reason"]) == (False, "NOT_READY")
            assert there("GET", "/cma/token").status == 401
    assert Talker(two.servers[1].port).bearing(later)("GET", "/cma/token").status == 200


def test_of_two_who_saw_the_same_version_one_writes(two: Offices) -> None:
    """A change by If-Match at each office at once: one holds, the other is 412, every time."""
    talkers = two.talkers(two.tokens[2])
    made = folder(talkers[0], two.root, "contended")
    path, tag = f"/cma/nodes/{made.body['data']['id']}", made.headers["etag"]
    with ThreadPoolExecutor(2) as pool:
        for turn in range(ROUNDS):

            def rename(number: int, turn: int = turn, tag: str = tag) -> Said:
                data = {"type": "node", "attributes": {"slug": f"turn-{turn}-{number}"}}
                return talkers[number]("PATCH", path, {"data": data}, If_Match=tag)

            told = list(pool.map(rename, range(2)))
            assert sorted(one.status for one in told) == [200, 412]
            (won,) = (one for one in told if one.status == 200)
            tag = won.headers["etag"]
            assert (
                talkers[1]("GET", path).body["data"]["attributes"]
                == (won.body["data"]["attributes"])
            )


def test_what_is_due_is_done_once(two: Offices) -> None:
    """Jobs run at both hosts, and of each letter and each schedule there is one (R8, X2)."""
    talk = two.talkers(two.tokens[3])[0]
    made = talk("POST", "/cma/item-types", NEW_ITEM_TYPE)
    assert made.status == 201, made.body
    at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
    entries = [entry(talk, two.root, made.body["data"]["id"], at, number) for number in range(8)]
    before = len(two.mail.subjects(EMAIL))
    for token in two.tokens[4:6]:
        assert Talker(two.servers[0].port).bearing(token)("DELETE", "/cma/token").status == 200

    def published() -> list[str]:
        with psycopg.connect(two.books) as tx:
            return [row[0] for row in tx.execute(PUBLISHED)]

    wait_until(lambda: len(published()) >= len(entries), "what was scheduled")
    wait_until(lambda: len(two.mail.subjects(EMAIL)) >= before + 2, "the letters")
    assert folder(talk, two.root, "later").status == 201  # a turn of every job is over by then
    assert sorted(published()) == sorted(f"nod_{id_}" for id_ in entries)
    subjects = [one for one in two.mail.subjects(EMAIL) if "was revoked" in one]
    assert len(subjects) == len(set(subjects))


def entry(talk: Talker, root: int, kind: str, at: str, number: int) -> str:
    data = {
        "type": "item",
        "attributes": {"slug": f"entry-{number}", "title": "Later"},
        "relationships": {
            "parent": {"data": {"type": "node", "id": str(root)}},
            "item_type": {"data": {"type": "item_type", "id": kind}},
        },
    }
    made = talk("POST", "/cma/items", {"data": data})
    assert made.status == 201, made.body
    id_ = str(made.body["data"]["id"])
    due = {"data": {"type": "schedule", "attributes": {"publish_at": at}}}
    assert talk("PUT", f"/cma/items/{id_}/schedule", due).status == 200
    return id_
