"""Which requests are under way, by which a stop knows for how long to wait."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from counterfoil.app.underway import UnderWay, asking
from counterfoil.gate.middleware_wsgi import Environ
from counterfoil.jsonapi.guard import Told
from support.line import Sent


class Body:
    """A body in pieces, which counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"one", b"two"])

    def close(self) -> None:
        self.closed += 1


def _start(*_: object) -> None:
    return None


def _over(requests: UnderWay) -> bool:
    return requests.quiet_s() > 0


def test_a_list() -> None:
    """A request is under way while the application has it, and over with its answer (R20)."""
    seen: list[float] = []

    def answer(_environ: Environ) -> Told:
        seen.append(requests.quiet_s())
        return "200 OK", [], [b"done"]

    requests = UnderWay(answer)
    assert requests({}, _start) == [b"done"]
    assert seen == [0.0]
    assert _over(requests)


def test_pieces() -> None:
    """An answer in pieces is under way until the server closes it, which may be twice (R20)."""
    body = Body()
    requests = UnderWay(lambda _environ: ("200 OK", [], body))
    answer = requests({}, _start)
    assert list(answer) == [b"one", b"two"]
    assert not _over(requests)
    answer.close()  # type: ignore[attr-defined]
    answer.close()  # type: ignore[attr-defined]
    assert _over(requests)
    assert body.closed == 2


def test_pieces_that_cannot_be_closed() -> None:
    """What has nothing to clean up ends like everything else (R20)."""
    requests = UnderWay(lambda _environ: ("200 OK", [], iter([b"one"])))
    requests({}, _start).close()  # type: ignore[attr-defined]
    assert _over(requests)


def test_what_breaks() -> None:
    """An application that raises leaves nothing under way (R20)."""

    def broken(_environ: Environ) -> Told:
        raise ZeroDivisionError

    requests = UnderWay(broken)
    with pytest.raises(ZeroDivisionError):
        requests({}, _start)
    assert _over(requests)


def test_a_server_that_asks_directly() -> None:
    """It is given status, headers and body as WSGI is; a body in pieces ends where it closes it."""
    said, body, line = [("x-one", "1")], Body(), Sent()
    ask = asking(UnderWay(lambda _environ: ("201 Created", said, [b"on", b"e"])))
    assert ask(line, {}) == 201
    assert line.said == (201, said, b"one")
    requests = UnderWay(lambda _environ: ("200 OK", said, body))
    piecewise = Sent()
    assert asking(requests)(piecewise, {}) == 200
    pieces = piecewise.said[2]
    assert list(pieces) == [b"one", b"two"]
    assert not _over(requests)
    pieces.close()
    assert _over(requests)
    assert body.closed == 1


def test_nothing_of_the_process_stands_in_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of the process says is in no request that a server asks directly."""
    monkeypatch.setenv("COUNTERFOIL_SAID", "by the operator")
    seen: list[Environ] = []

    def answer(environ: Environ) -> Told:
        seen.append(environ)
        return "200 OK", [], []

    asking(UnderWay(answer))(Sent(), {"PATH_INFO": "/"})
    assert seen == [{"PATH_INFO": "/", "SCRIPT_NAME": "", "wsgi.errors": sys.stderr}]
