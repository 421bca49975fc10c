"""`python -m bench.receipts`: how long a revocation takes that waits for gates on other hosts.

An office and its gates run as in life, as processes of this machine, and nothing else is asked of
them. Beside each revocation, in turns, stand one row put durably into a database of its own, and
the shortest answer that the office gives: what a commit and a round trip take at that moment.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from bench import host
from bench.clockwork import tail
from bench.revoking import bare
from chaos.plain import Plain, plain

_PAUSE_S: Final = 0.05
_FIRST: Final = 10
"""The first ones are for what is done once."""
_ACCEPTED: Final = 202


def main() -> None:
    """Measure, print."""
    ask = argparse.ArgumentParser(prog="python -m bench.receipts", description=__doc__)
    ask.add_argument("--gates", type=int, default=4)
    ask.add_argument("--revocations", type=int, default=300)
    ask.add_argument("--nats", action="store_true", help="gates hear of news over NATS")
    ask.add_argument("--postgres", action="store_true", help="the office has a Postgres of its own")
    wanted = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="counterfoil-receipts-") as folder:
        at = Path(folder)
        doomed = 2 * (wanted.revocations + _FIRST)
        with plain(
            at, many=wanted.gates, victims=doomed, over_nats=wanted.nats,
            on_postgres=wanted.postgres,
        ) as running:  # fmt: skip
            took = measure(running, wanted.revocations, bare(at / "bare.sqlite"))
    for name, all_ in took.items():
        told = ", ".join(f"{key} {value:.1f} ms" for key, value in tail(all_).items())
        sys.stdout.write(f"{name}: {told}\n")
    sys.stdout.write(f"{wanted.gates} gates, load {host.load()}\n")


def measure(running: Plain, many: int, commit: Callable[[], float]) -> dict[str, list[float]]:
    """Return milliseconds of each, measured in turns."""
    took: dict[str, list[float]] = defaultdict(list)
    managers = cycle(running.managers)
    for number in range(many + _FIRST):
        line = HTTPConnection("127.0.0.1", running.office.port, timeout=10)
        line.connect()
        parts = {
            "a bare commit": commit(),
            "a round trip": _timed(partial(_asked, line, "GET", "/livez", {}, 200)),
            "a revocation that waits for nobody": _timed(
                partial(revoked, running, line, next(managers), status=202)
            ),
            "a revocation with its receipt": _timed(
                partial(revoked, running, line, next(managers), status=200)
            ),
        }
        line.close()
        if number >= _FIRST:
            for name, one in parts.items():
                took[name].append(one)
        time.sleep(_PAUSE_S)
    return took


def revoked(running: Plain, line: HTTPConnection, manager: str, *, status: int) -> None:
    """Revoke the last of the tokens, with its receipt (200) or at once (202).

    Raises:
        RuntimeError: if something else is answered.
    """
    victim, headers = running.victims.pop(), {"Authorization": f"Bearer {manager}"}
    if status == _ACCEPTED:
        headers["Prefer"] = "respond-async"
    told = _asked(line, "DELETE", f"/cma/api_tokens/{victim.id}", headers, status)
    if told["meta"]["effective"] != ("host" if status == _ACCEPTED else "everywhere"):
        raise RuntimeError(told)


def _asked(
    line: HTTPConnection, method: str, path: str, headers: dict[str, str], status: int
) -> Any:  # noqa: ANN401 - what JSON holds
    line.request(method, path, headers=headers)
    answer = line.getresponse()
    body = json.loads(answer.read())
    if answer.status != status:
        raise RuntimeError(body)
    return body


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic_ns()
    act()
    return (time.monotonic_ns() - began) / 1e6


if __name__ == "__main__":
    main()
