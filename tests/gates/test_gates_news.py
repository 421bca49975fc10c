"""What a gate on another host hears over NATS: when it moves it, and what it never does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import pytest

from counterfoil.feed.event import TokenStruck
from counterfoil.feed.page import (
    LONGEST_MS,
    PURPOSE,
    TO_ALL,
    ForgedError,
    Page,
    subject_of,
    unsealed,
)
from counterfoil.gateway.follower import Follower
from counterfoil.gateway.news import Found, Inbox, News
from counterfoil.kernel.errors import Unserved
from counterfoil.runtime.bus import Bus
from counterfoil.runtime.database import Database
from counterfoil.runtime.entrance import Entrance, EntranceError, entrance
from counterfoil.runtime.signing import Signer
from counterfoil.secret import digest
from infra.nats import Cluster, nats_servers, purge
from infra.nginx import certificate, trusting
from infra.wait import wait_until
from support.far import KEY, Far, Line, far, over_nats
from support.gate import BASE, mint, record

SUBJECT = subject_of(Signer(PURPOSE, KEY).public)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Cluster]:
    with nats_servers(tmp_path / "nats") as running:
        yield running


@pytest.fixture
def there(servers: Cluster, database: Database, tmp_path: Path) -> Iterator[Far]:
    """Give a gate that is level, and to which the bus has told of all that it knows."""
    with over_nats(servers.urls) as line, far(database, tmp_path, line) as both:
        both.level()
        both.commit(record(mint(), token=BASE + 150))
        hear(both)
        yield both


def line_of(there: Far) -> Line:
    assert there.line is not None
    return there.line


def hear(there: Far) -> None:
    """Go on until the bus has told all that the office knows."""

    def is_current() -> bool:
        there.turn()
        assert there.news is not None
        return there.news.is_current() and there.replica.position() == there.head()

    wait_until(is_current, "the bus to have told everything")


def silence(there: Far) -> None:
    """Let nothing of what the office answers arrive."""
    there.wire.meddle = lambda _frame: b""


def kept(bus: Bus) -> int:
    """Return up to where a stream goes."""
    last = bus.last()
    key = Signer(PURPOSE, KEY).public
    return 0 if last is None else unsealed(last.frame, key, Page, TO_ALL).end


def gone(token: str) -> TokenStruck:
    return TokenStruck(organization=BASE + 1, token=BASE + 101, digests=(digest(token),))


def test_a_change_is_known_before_it_is_asked_for(there: Far) -> None:
    """The first question after a change that was told over NATS says that it is known (R1, R7)."""
    before = there.heard(Found.NEW)
    position, asked = there.commit(record(mint())), len(there.wire.asked)
    there.turn()
    assert there.wire.asked[asked].position == position
    assert there.wire.asked[asked].within_ms == 0
    assert there.heard(Found.NEW) == before + 1
    there.lease.require()


def test_the_bus_gives_no_lease(there: Far) -> None:
    """A gate that hears nothing but NATS knows what is revoked, and decides nothing (R1, R2)."""
    token = mint()
    there.commit(record(token))
    hear(there)
    assert digest(token) in [key for key, _ in there.replica.dump()["tokens"]]
    silence(there)
    position = there.commit(gone(token))

    def knows() -> bool:
        with pytest.raises(ForgedError):
            there.turn()
        assert there.news is not None
        there.news.wait(0)
        return there.replica.position() == position

    wait_until(knows, "what was revoked")
    assert digest(token) not in [key for key, _ in there.replica.dump()["tokens"]]
    there.seconds.pass_(2)
    with pytest.raises(Unserved):
        there.lease.require()


def test_a_stopped_server_is_no_fault(there: Far, servers: Cluster) -> None:
    """Without NATS a gate asks as it did before, waits at the office, and keeps its lease (R7)."""
    servers.nodes[0].kill()
    wait_until(lambda: not line_of(there).hearing.is_up, "the bus to be gone")
    there.seconds.pass_(1.9)
    position = there.commit(record(mint()))
    there.turn()
    assert there.wire.asked[-1].within_ms == LONGEST_MS
    assert there.replica.position() == position
    there.lease.require()


def test_it_comes_back_by_itself(there: Far, servers: Cluster) -> None:
    """When NATS is there again, and has nothing of what it had, a gate hears it again (R7)."""
    line, node = line_of(there), servers.nodes[0]
    node.kill()
    node.wipe()
    wait_until(lambda: not (line.hearing.is_up or line.telling.is_up), "the bus to be gone")
    there.commit(record(mint(), token=BASE + 160))
    there.turn()
    node.begin()
    wait_until(lambda: line.hearing.is_up and line.telling.is_up, "the bus to be back")
    before = there.heard(Found.NEW)
    there.commit(record(mint(), token=BASE + 170))
    hear(there)
    there.commit(record(mint(), token=BASE + 171))
    hear(there)
    assert there.heard(Found.NEW) > before


def test_whoever_may_publish_moves_nothing(there: Far, servers: Cluster) -> None:
    """Noise, the office's answers to questions, and what others signed move no gate (R7)."""
    stands, before, news = there.replica.position(), there.heard(Found.FORGED), there.news
    stranger = Bus(Entrance((servers.urls,)), SUBJECT)
    with ExitStack() as leaving:
        leaving.callback(stranger.stop)
        stranger.start()
        assert stranger.wait_up(10)
        for number, lie in enumerate((b"", b"noise", b"\0" * 200, *there.wire.heard[:3])):
            stranger.publish(lie, f"lie {number}")
        assert news is not None
        wait_until(lambda: (news.wait(0), there.heard(Found.FORGED) == before + 6)[1], "the lies")
    there.turn()
    assert there.replica.position() == stands
    there.lease.require()


@pytest.mark.parametrize("purged", [False, True])
def test_a_gate_that_was_away_reads_what_was_kept(
    there: Far, servers: Cluster, *, purged: bool
) -> None:
    """A gate that begins again takes from the stream what it missed; without, it asks (R3, R7)."""
    line, stands = line_of(there), there.replica.position()
    telling = line.telling
    assert isinstance(telling, Bus)
    wait_until(lambda: telling.last() is not None, "a stream that keeps")
    for number in range(30):
        there.commit(record(mint(), token=BASE + 200 + number))
    last = there.head()
    wait_until(lambda: kept(telling) == last, "all of it to be kept")
    if purged:
        purge(telling.stream, servers.urls)
    key = Signer(PURPOSE, KEY).public
    news = News(there.replica, line.hearing, Inbox(), key, there.meters)
    again = Follower(
        there.replica, there.lease, there.wire, key,
        entropy=Random(5).randbytes, news=news, sleep=there.seconds.pass_,
    )  # fmt: skip
    asked = len(there.wire.asked)
    again.turn()
    assert there.wire.asked[asked].position == (stands if purged else last)
    assert there.replica.position() == last


def test_who_is_not_let_in_says_so_without_a_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong password leaves a gate without NATS, and stands in no line of the log (A12)."""
    more = 'authorization { users = [{ user: gate, password: "correct" }] }'
    with nats_servers(tmp_path / "nats", more=more) as servers, ExitStack() as leaving:
        wrong, right = (
            Bus(Entrance((servers.urls,), f"gate:{shown}"), SUBJECT)
            for shown in ("wrong-password", "correct")
        )
        for bus in (wrong, right):
            leaving.callback(bus.stop)
            bus.start()
        assert right.wait_up(10)
        wait_until(lambda: wrong.failing, "to be refused")
        assert not wrong.is_up
    said = capsys.readouterr()
    assert "no bus" in said.out + said.err
    assert "wrong-password" not in said.out + said.err


def test_nobody_talks_it_out_of_tls() -> None:
    """Whoever stands in between and says that there is no TLS is told no password."""
    heard = b""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        bus = Bus(Entrance((f"tls://localhost:{port}",), "gate:secret-word"), SUBJECT)
        bus.start()
        listening.settimeout(10)
        line, _ = listening.accept()
        with line:
            line.sendall(b'INFO {"server_id":"x","version":"2.15.1","max_payload":1048576}\r\n')
            line.settimeout(2)
            with suppress(OSError):
                while piece := line.recv(4096):
                    heard += piece
        bus.stop()
    assert heard.startswith(b"\x16\x03")
    assert b"secret-word" not in heard
    assert b"CONNECT" not in heard


def test_it_is_entered_over_tls(tmp_path: Path) -> None:
    """Over TLS that begins first, to a server whose certificate we trust, a bus comes up."""
    pem, key = certificate(tmp_path, "localhost")
    more = f'tls {{ cert_file: "{pem}", key_file: "{key}", handshake_first: true }}'
    with nats_servers(tmp_path / "nats", more=more) as servers, ExitStack() as leaving:
        url = f"tls://localhost:{servers.nodes[0].port}"
        stranger = Bus(Entrance((url,)), SUBJECT)
        known = Bus(Entrance((url,)), SUBJECT, tls=trusting(pem))
        for bus in (stranger, known):
            leaving.callback(bus.stop)
            bus.start()
        assert known.wait_up(10)
        wait_until(lambda: stranger.failing, "the certificate to be refused")
        assert not stranger.is_up


@pytest.mark.parametrize("said", ["", "s3cr3t", ":s3cr3t", "s3cr3t:"])
def test_what_are_no_credentials(tmp_path: Path, said: str) -> None:
    """A file that holds no credentials is refused by name, and what is in it is not told."""
    file = tmp_path / "gate.nats"
    file.write_text(said)
    file.chmod(0o600)
    with pytest.raises(EntranceError, match=r"gate\.nats holds no credentials") as refused:
        entrance("tls://nats.example.com:4222", str(file))
    assert "s3cr3t" not in str(refused.value)


def test_credentials_are_their_owners_alone(tmp_path: Path) -> None:
    """A file of credentials that others may read is refused, as one that is not there."""
    file = tmp_path / "gate.nats"
    with pytest.raises(EntranceError, match="No such file"):
        entrance("tls://nats.example.com:4222", str(file))
    file.write_text("gate:word")
    file.chmod(0o644)
    with pytest.raises(EntranceError, match="chmod 600"):
        entrance("tls://nats.example.com:4222", str(file))
    file.chmod(0o600)
    assert entrance("tls://a:4222,tls://b:4222", str(file)) == (
        ("tls://a:4222", "tls://b:4222"),
        "gate:word",
    )
