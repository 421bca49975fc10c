"""What a gate without a lease lets pass in the grace of an API, and what it never does (R2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from counterfoil.audit.fetch import entry
from counterfoil.feed.event import RouteRecord, TokenStruck
from counterfoil.gate.lease import HELD_S, Lease
from counterfoil.gate.record.journal import Journal
from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books, books_here
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters, Verdict
from counterfoil.gateway.trail import Trail
from counterfoil.runtime.places import Places
from counterfoil.secret import digest
from support.far import Seconds
from support.gate import ACME, BASE, mint, tell
from support.office import START
from support.shop import READ, ROUTES, SHOP, WRITE, holder, routed, shop_in

GRACE_S = 30
TABLE = (
    *ROUTES,
    RouteRecord(("HEAD",), "/items/{item}", "shop:read", "{item}"),
    RouteRecord(("OPTIONS",), "/items/{item}", "shop:read", "{item}"),
    RouteRecord(("GET",), "/clear", "shop:read", changes=True),
)


@dataclass
class Gate:
    """A gate whose office is on another host, which held a lease until it began to be late."""

    books: Books
    replica: Replica
    seconds: Seconds
    counts: Meters
    trail: Trail
    home: Path

    def renewed(self, grace_s: float = 60) -> None:
        """Be given a lease."""
        assert self.books.lease is not None
        self.books.lease.renew(self.seconds(), START.timestamp(), grace_s)

    def late(self, seconds: float) -> None:
        """Let the lease be over for so long."""
        self.seconds.pass_(HELD_S + seconds)

    def ask(self, method: str, target: str, token: str | None) -> tuple[str, dict[str, str]]:
        """Ask as nginx does; return the status and the headers."""
        said: list[object] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": f"/authz/nginx/api_{SHOP}",
            "QUERY_STRING": "",
            "HTTP_X_ORIGINAL_METHOD": method,
            "HTTP_X_ORIGINAL_URI": target,
        }
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        gateway = Gateway(self.books, Kept(self.counts, self.trail), lambda: "7" * 32)
        gateway(environ, lambda *line: said.extend(line))
        headers = dict(said[1])  # type: ignore[call-overload]
        return headers.get("Counterfoil-Status", str(said[0])[:3]), headers


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    seconds = Seconds()
    with shop_in(tmp_path) as replica:
        tell(replica, routed(TABLE, grace_seconds=GRACE_S))
        lease = Lease(tmp_path / "lease", seconds)
        books = Books(replica, lease, tmp_path / "follower.lock", lease)
        counts = Meters(tmp_path / "meters")
        trail = Trail(Journal(tmp_path / "decisions", bytes), lease, lambda: "cf")
        it = Gate(books, replica, seconds, counts, trail, tmp_path)
        it.renewed()
        yield it
        counts.close()
        lease.close()


def test_reads_pass_for_so_long_and_no_longer(gate: Gate) -> None:
    """Within the grace a read passes that says how late it is; after it, nothing does (R2)."""
    token = holder(gate.replica, READ)
    status, headers = gate.ask("GET", "/items/17", token)
    assert (status, headers["Counterfoil-Late"]) == ("200", "")
    gate.late(4.5)
    for method in ("GET", "HEAD"):
        status, headers = gate.ask(method, "/items/17", token)
        assert (status, headers["Counterfoil-Late"]) == ("200", "5")
    gate.seconds.pass_(GRACE_S - 4.6)
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    gate.seconds.pass_(0.2)
    assert gate.ask("GET", "/items/17", token)[0] == "503"


@pytest.mark.parametrize(
    ("method", "target"),
    [("PUT", "/items/17"), ("GET", "/clear"), ("GET", "/admin"), ("OPTIONS", "/items/17"),
     ("POST", "/items")],
)  # fmt: skip
def test_nothing_but_reads(gate: Gate, method: str, target: str) -> None:
    """In its grace no change passes, nor a GET that is declared to be one, nor what is unlisted."""
    token = holder(gate.replica, READ, WRITE)
    gate.late(1)
    assert gate.ask(method, target, token)[0] == "503"


def test_only_who_was_known(gate: Gate) -> None:
    """A token that is unknown, revoked or expired passes in no grace, and no token neither (R2)."""
    token, other = holder(gate.replica, READ), holder(gate.replica, READ, token=BASE + 102)
    ends = int((START.timestamp() + HELD_S + 5) * 1e6)
    mortal = holder(gate.replica, READ, token=BASE + 103, expires_at=ends)
    assert gate.ask("GET", "/items/17", other)[0] == "200"
    tell(gate.replica, TokenStruck(organization=ACME, token=BASE + 102, digests=(digest(other),)))
    gate.late(1)
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    assert gate.ask("GET", "/items/17", mortal)[0] == "200"
    for one in (other, mint(), None):
        assert gate.ask("GET", "/items/17", one)[0] == "503"
    gate.seconds.pass_(5)
    assert gate.ask("GET", "/items/17", mortal)[0] == "503"
    assert gate.ask("GET", "/items/17", token)[0] == "200"


def test_no_grace_where_none_was_asked_for(gate: Gate) -> None:
    """An API that asks for none has none, whatever the office allows, and the other way round."""
    token = holder(gate.replica, READ)
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    tell(gate.replica, routed(TABLE))
    gate.late(1)
    assert gate.ask("GET", "/items/17", token)[0] == "503"
    tell(gate.replica, routed(TABLE, grace_seconds=GRACE_S))
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    gate.renewed(grace_s=0)
    gate.late(1)
    assert gate.ask("GET", "/items/17", token)[0] == "503"


def test_a_restart_ends_it(gate: Gate) -> None:
    """A gate that begins without a lease answers 503 until it has one (R2, R19)."""
    token = holder(gate.replica, READ)
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    gate.late(1)
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    lease = Lease(gate.home / "lease", gate.seconds)
    gate.books = Books(gate.replica, lease, gate.home / "follower.lock", lease)
    assert gate.ask("GET", "/items/17", token)[0] == "503"
    gate.renewed()
    assert gate.ask("GET", "/items/17", token)[0] == "200"
    lease.close()


def test_it_is_counted_and_on_record(gate: Gate) -> None:
    """What passed in a grace has a number of its own, and a row of the trail that says so (R2)."""
    token = holder(gate.replica, READ)
    gate.ask("GET", "/items/17", token)
    gate.late(4.5)
    gate.ask("GET", "/items/17", token)
    totals = gate.counts.totals()
    assert (totals[Verdict.ALLOWED], totals[Verdict.IN_GRACE]) == (1, 1)
    gate.trail._sort()  # noqa: SLF001 - the rows as they will be written
    notes = [entry(row).act.note for row in gate.trail._rows]  # noqa: SLF001 - as above
    assert notes == [None, "in the grace of the API: the gate had held no lease for 5 s"]


def test_the_clock_of_this_host_is_nothing_to_it(tmp_path: Path) -> None:
    """Whatever opens a far gate's books takes the time that its office says (R6).

    So does a gate that is started in its directory without the name of its office.
    """
    places = Places(tmp_path)
    Replica(places.replica_dir).close()
    by_hand = Lease(places.gate_lease_file)
    by_hand.renew(by_hand.ticks(), START.timestamp())
    by_hand.close()
    books = books_here(places)
    assert books.lease is not None
    assert (books.clock() - START).days == 0
    books.replica.close()
    books.pace.close()
    books.lease.close()
