"""The middleware that an API has in front of it, beside the verification that it is made of.

It is the one that people paste: it finds the route and the node, judges, puts the decision on
record and hands the caller on. What is compared is processor time of this thread. `make bench` has
it among its rows, and `python -m bench.guarded` measures it alone.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.pouring import nobodys
from bench.shop import API, ITEMS, fill, followed
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock
from counterfoil.middleware.opened import close
from counterfoil.middleware.wsgi import CounterfoilMiddleware

HOT: Final = 16
CALLS: Final = 4_000
ROUNDS: Final = 9
_PASSED: Final = "200"


class WrongAnswerError(Exception):
    """It let in whom it should not, or kept out whom it should let in."""


def measure(at: Path) -> dict[str, float]:
    """Return the nanoseconds of a verification, and of the middleware with all that it does.

    Raises:
        WrongAnswerError: if it does not do what it should, at first or while it is measured.
    """
    here, beside = at / "guarded", at / "beside"
    for folder in (at, here, beside):
        folder.mkdir(mode=0o700)
    texts, _ = fill(here), fill(beside)  # the same books: a process opens a replica once
    with ExitStack() as running:
        followed(here, running)
        replica = Replica(beside / "replica")
        running.callback(replica.close)
        running.callback(close, str(here.absolute()))
        verifier, hot = Verifier(replica, system_clock, remember=65_536), cycle(texts[:HOT])
        guarded = _guarded(here, texts[:HOT])
        runs = {"verify": lambda: verifier.verify(next(hot)), "middleware": guarded}
        took: dict[str, list[float]] = {name: [] for name in runs}
        for turn in range(ROUNDS + 1):
            for name, run in runs.items():
                one = _cost(run)
                if turn:  # the first is for what is read once
                    took[name].append(one)
            if (said := guarded()) != _PASSED:  # where nothing can be put on record, nothing passes
                raise WrongAnswerError(said)
    return {name: median(all_) for name, all_ in took.items()}


def _guarded(at: Path, texts: list[str]) -> Callable[[], object]:
    """Return what sends one request through the middleware.

    Raises:
        WrongAnswerError: if it does not do what it should.
    """

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Length", "0")])
        return [b""]

    said: list[str] = []
    guard = CounterfoilMiddleware(application, api=f"api_{API}", data_dir=at)
    asked = cycle([(text, item) for item in range(ITEMS) for text in texts])

    def start_response(status: str, _headers: list[tuple[str, str]]) -> None:
        said[:] = [status]

    def run(text: str = "", path: str = "") -> str:
        token, item = next(asked)
        environ = {
            "HTTP_AUTHORIZATION": f"Bearer {text or token}",
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path or f"/items/{item}",
            "QUERY_STRING": "",
            "REMOTE_ADDR": "192.0.2.7",
            "HTTP_USER_AGENT": "bench/1",
        }
        guard(environ, start_response)
        return said[0][:3]

    found = run(), run(nobodys()), run(path="/admin/1")
    if found != (_PASSED, "401", "403"):
        raise WrongAnswerError(found)
    return run


def _cost(run: Callable[[], object]) -> float:
    began = time.thread_time_ns()
    for _ in range(CALLS):
        run()
    return (time.thread_time_ns() - began) / CALLS


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        took = measure(Path(folder) / "guarded")
    ratio = took["middleware"] / took["verify"]
    sys.stdout.write(
        f"verify {took['verify']:.0f} ns, middleware {took['middleware']:.0f} ns: {ratio:.2f}\n"
    )


if __name__ == "__main__":
    main()
