"""The gateway's lines: how many there are, how long each is held, and how they end."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from select import select
from typing import Any

import pytest
from granian.server import mp

from counterfoil.gateway import direct, listener, process, wire
from counterfoil.kernel.clock import system_clock
from infra.wait import wait_until
from support.raw_http import hear
from support.wired import LENGTH, Answer, Asked, all_of, amid, heard_each, opened, served, told


@pytest.mark.parametrize(
    ("sent", "bound"), [(b"GET / HT", "AMID_S"), (b"", "IDLE_S"), (b"FOO /\r\n", "LINGER_S")]
)
def test_whoever_says_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, bound: str
) -> None:
    """Who sends half a request, none, or more after a refusal holds a line for a while alone."""
    for name in ("AMID_S", "IDLE_S", "LINGER_S"):
        monkeypatch.setattr(listener, name, 0.1 if name == bound else 3_600)
    with served() as at, closing(opened(at)) as line:
        line.sendall(sent)
        all_of(line)  # which ends, or the test's own patience does


def test_whoever_rests_for_longest_makes_room() -> None:
    """So many lines are held, and who comes is answered: one that rests is ended for that."""
    with served(most=2) as at, closing(opened(at)) as first, closing(opened(at)) as second:
        for line in (first, second, first):
            line.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert hear(line).status == 200
        with closing(opened(at)) as third:
            third.sendall(b"GET /third HTTP/1.1\r\n\r\n")
            assert hear(third).json["PATH_INFO"] == "/third"
        assert all_of(second) == b""
        first.sendall(b"GET /first HTTP/1.1\r\n\r\n")
        assert hear(first).json["PATH_INFO"] == "/first"


def test_nobody_is_ended_amid_a_request() -> None:
    """Where all lines are amid one, who comes waits for one of them, and is answered then."""
    with served(most=1) as at, closing(amid(at)) as first, closing(amid(at)) as second:
        with closing(opened(at)) as third:
            third.sendall(b"GET /third HTTP/1.1\r\n\r\n")
            first.sendall(b"b")
            assert hear(first).json["PATH_INFO"] == "/half"
            assert hear(third).json["PATH_INFO"] == "/third"
        second.sendall(b"b")
        assert hear(second).json["PATH_INFO"] == "/half"


def test_at_the_end_what_has_begun_is_answered() -> None:
    """A line that rests is ended; who has sent half a request may send the rest, and no other."""
    with served() as at:
        resting, begun = opened(at), opened(at)
        begun.sendall(b"GET /half HTTP/1.1\r\n")
        resting.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert hear(resting).status == 200
        rest = threading.Thread(target=_finish, args=(resting, begun))
        rest.start()
    rest.join()
    got = all_of(begun)
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert got.count(b"HTTP/1.1 ") == 1
    with pytest.raises(OSError, match="refused"):
        opened(at)
    resting.close()
    begun.close()


def _finish(resting: socket.socket, begun: socket.socket) -> None:
    """Send the rest once the other line was ended, which is when the server ends."""
    wait_until(lambda: resting.recv(1) == b"", "the line that rests to be ended")
    begun.sendall(b"\r\nGET /after HTTP/1.1\r\n\r\n")


def test_who_does_not_read_is_not_read() -> None:
    """Answers that nobody takes fill no memory: no more is asked until they are taken."""
    seen: list[str] = []

    def ask(environ: dict[str, Any]) -> Answer:
        seen.append(environ["PATH_INFO"])
        return "200 OK", [(LENGTH, "100000")], b"x" * 100_000

    many = 300
    one = b"GET / HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * 8_000)  # some only are read at once
    with served(ask=ask) as at, closing(opened(at)) as line:
        sending = threading.Thread(target=line.sendall, args=(one * many,))
        sending.start()
        wait_until(lambda: seen, "it to begin")
        got = 0
        while got < many * 100_000:
            got += len(line.recv(1 << 20))
        sending.join()
    assert len(seen) == many


def test_another_granian_serves_the_gateway_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Granian tells its processes other things, they are its own, and say the same."""
    ours = process.spawning("127.0.0.1", 1)
    assert isinstance(ours, partial)
    assert ours.func is process.serve_here
    monkeypatch.setattr(mp.WorkerProcess, "wrap_target", lambda _target: lambda: None)
    theirs = process.spawning("127.0.0.1", 1)
    assert isinstance(theirs, partial)
    assert theirs.args == (direct.asking,)


def large(_environ: dict[str, Any]) -> Answer:
    """Say a lot."""
    return "200 OK", [(LENGTH, "1000000")], b"x" * 1_000_000


def unread(port: int) -> socket.socket:
    """Ask for more than a line holds, and read nothing of it."""
    line = opened(port)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.sendall(b"GET / HTTP/1.1\r\n\r\n" * 20)
    return line


def files() -> int:
    """Return how many files this process has open: its own lines, and the server's."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_whoever_reads_nothing_makes_room_too() -> None:
    """A line that cannot end, since its peer takes nothing, is ended all the same."""
    with served(most=2, ask=large) as at:
        before = files()
        dead = [unread(at) for _ in range(8)]
        wait_until(lambda: files() <= before + len(dead) + 2, "all but two to be ended")
        with closing(opened(at)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert len(all_of(line)) > 1_000_000
    for one in dead:
        one.close()


def test_the_end_waits_for_nobody_who_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that were taken in as the end came are told of it, and none is waited for for ever."""
    monkeypatch.setattr(listener, "_GRACE_S", 3_600)
    with served(ask=large) as at:
        dead, fresh = unread(at), [opened(at) for _ in range(20)]
    for line in (dead, *fresh):
        line.close()


def test_a_line_that_was_refused_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is said to whoever sent no request: the end of a process waits for them no more."""
    monkeypatch.setattr(listener, "_GRACE_S", 3_600)
    monkeypatch.setattr(listener, "LINGER_S", 3_600)
    with served() as at:
        line = opened(at)
        line.sendall(b"GET /\xe9 HTTP/1.1\r\nX: 1")
        assert hear(line).status == 400
    line.close()


def test_all_lines_together_hold_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where requests that are not whole fill the room there is, who adds to them is told so."""
    monkeypatch.setattr(wire, "ROOM_BYTES", 100_000)
    half = b"GET / HTTP/1.1\r\nX: " + b"a" * 60_000
    with served() as at, closing(opened(at)) as whole:
        with closing(opened(at)) as first, closing(opened(at)) as second:
            first.sendall(half)
            second.sendall(half)
            held = [one for one in (first, second) if select([one], [], [], 0.5)[0]]
            assert {hear(one).status for one in held} == {503}
            whole.sendall(b"GET /whole HTTP/1.1\r\n\r\n")
            assert hear(whole).json["PATH_INFO"] == "/whole"
        with closing(opened(at)) as next_:
            next_.sendall(half + b"\r\n\r\n")
            assert hear(next_).status == 200


def test_who_has_seen_more_is_kept_for_a_moment() -> None:
    """Who names a position that comes soon is answered then, before what they ask next (S29)."""
    asked = Asked(told)
    ahead = b"GET /%s HTTP/1.1\r\nCounterfoil-At-Least: 9\r\n\r\n"
    for looks, follows in ((2, b""), (100, b""), (2, b"GET /next HTTP/1.1\r\n\r\n")):
        asked.behind = looks
        with served(asked=asked) as at, closing(opened(at)) as line:
            line.sendall(ahead % b"one" + follows)
            found = heard_each(line, 1 + bool(follows))
            line.sendall(b"GET /last HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert hear(line).json["PATH_INFO"] == "/last"
        assert [one.json["PATH_INFO"] for one in found] == ["/one", "/next"][: len(found)]


def test_what_comes_behind_the_last_answer_is_read_away() -> None:
    """However much it is, and whoever waited for that answer: unread, it would undo it."""
    asked = Asked(told)
    last = b"GET /last HTTP/1.1\r\nConnection: close\r\n%s\r\n"
    for looks, more in ((0, b""), (2, b"Counterfoil-At-Least: 9\r\n")):
        asked.behind = looks
        with served(asked=asked) as at, closing(opened(at)) as line:
            line.sendall(last % more + b"x" * 300_000)
            line.sendall(b"x" * 300_000)
            assert hear(line).json["PATH_INFO"] == "/last"
            assert all_of(line) == b""
            line.sendall(b"x" * 300_000)


def test_a_process_ends_that_would_let_go_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks after the lines is nothing that may fail unseen: the process begins anew."""
    monkeypatch.setattr(listener, "_LOOK_S", 0.01)

    async def serving() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            one = listener.Listener(listening, Asked(told), system_clock)
            monkeypatch.setattr(one, "_take", None)
            await asyncio.wait_for(one.serve(asyncio.Event()), 30)

    with pytest.raises(TypeError):
        asyncio.run(serving())
