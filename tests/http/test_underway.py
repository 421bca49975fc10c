"""Which requests are under way, by which a stop knows for how long to wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from counterfoil.app.underway import UnderWay
from counterfoil.gate.middleware_wsgi import Environ, StartResponse


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

    def answer(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
        seen.append(requests.quiet_s())
        return [b"done"]

    requests = UnderWay(answer)
    assert requests({}, _start) == [b"done"]
    assert seen == [0.0]
    assert _over(requests)


def test_pieces() -> None:
    """An answer in pieces is under way until the server closes it, which may be twice (R20)."""
    body = Body()
    requests = UnderWay(lambda _environ, _start_response: body)
    answer = requests({}, _start)
    assert list(answer) == [b"one", b"two"]
    assert not _over(requests)
    answer.close()  # type: ignore[attr-defined]
    answer.close()  # type: ignore[attr-defined]
    assert _over(requests)
    assert body.closed == 2


def test_pieces_that_cannot_be_closed() -> None:
    """What has nothing to clean up ends like everything else (R20)."""
    requests = UnderWay(lambda _environ, _start_response: iter([b"one"]))
    requests({}, _start).close()  # type: ignore[attr-defined]
    assert _over(requests)


def test_what_breaks() -> None:
    """An application that raises leaves nothing under way (R20)."""

    def broken(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
        raise ZeroDivisionError

    requests = UnderWay(broken)
    with pytest.raises(ZeroDivisionError):
        requests({}, _start)
    assert _over(requests)
