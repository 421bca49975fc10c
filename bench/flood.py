"""`python -m bench.flood`: whether whoever is good is served while somebody floods (R18).

An office and a gate on another host run as in life, as processes of this machine. First it is found
out how many tokens that nobody has either refuses in a second, and over how few connections. Each
token is another, with a checksum that holds, so that it is counted as a revoked one would be.
Then it is flooded with ten times as many, over ten times as many connections, whether it answers or
not. Meanwhile a good token is presented at the gate as a proxy does it, 50 times a second, and ten
tokens a second are revoked at the office, each with the receipt that the gate has its part in.
Floods come in turns with none.

What floods runs on the same cores as who is flooded: what it takes of them is in the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import host
from bench.clockwork import p99, tail
from bench.pouring import Poured, Target, pouring
from bench.receipts import revoked
from chaos.plain import Plain, plain
from counterfoil.demo.walk import Walk
from support.gated import registered
from support.installation import EMAIL, PASSWORD
from support.sample import Talker

RESULTS: Final = Path(__file__).with_name("results") / "flood.json"
TARGETS: Final = {"verified": 20.0, "revoked": 500.0}
"""Milliseconds within which 99 of 100 shall be answered while somebody floods, and all at all."""
PACES_S: Final = {"verified": 0.02, "revoked": 0.1}
TIMES: Final = 10
LINES: Final = (1, 2, 4, 8, 16, 32)
"""Over so many connections it is found out what a server can answer."""
NEAR: Final = 0.95
"""The fewest connections that come so near to the best are those that saturate it."""
AT_REST: Final = "nothing is flooded"
_FIND_S: Final = 2.0
_PATIENCE_S: Final = 30.0
_OK: Final = 200
_REFUSALS: Final = frozenset({"401", "429", "503"})


class WrongAnswerError(Exception):
    """A server let in whom nobody knows, or kept out who is good while nobody flooded."""


class Limit(NamedTuple):
    """What a server can answer: so many a second, over so many connections at least."""

    rate: float
    lines: int


@dataclass
class Took:
    """How long each took that was answered, in milliseconds; and how many were not."""

    all_ms: list[float] = field(default_factory=list)
    failed: int = 0

    def told(self) -> dict[str, float]:
        """Return it in short."""
        return {"many": len(self.all_ms), "failed": self.failed, **tail(self.all_ms)}


@dataclass
class Served:
    """How whoever is good was served, and what was poured meanwhile.

    Attributes:
        took: by what was asked for.
        resident_mb: of gate and office, at the end of each turn.
    """

    took: dict[str, Took] = field(default_factory=lambda: {name: Took() for name in PACES_S})
    poured: list[Poured] = field(default_factory=list)
    resident_mb: list[dict[str, float]] = field(default_factory=list)


class Good:
    """Whoever is good: verifies and revokes at a pace, in threads of its own."""

    def __init__(self, running: Plain, api: str) -> None:
        self._running = running
        self._managers = cycle(running.managers)
        self._headers = {
            "Authorization": f"Bearer {running.victims[0].text}",
            "X-Original-Method": "GET",
            "X-Original-URI": "/pages/12",
        }
        self._door = f"/authz/nginx/api_{api}"
        self._over = threading.Event()

    def served(self, seconds: float, to: Served) -> None:
        """Do both for so long."""
        self._over.clear()
        gate, office = self._running.gates[0], self._running.office
        does = {"verified": (gate.port, self._verify), "revoked": (office.port, self._revoke)}
        threads = [
            threading.Thread(target=self._again, args=(*how, PACES_S[name], to.took[name]))
            for name, how in does.items()
        ]
        for one in threads:
            one.start()
        time.sleep(seconds)
        self._over.set()
        for one in threads:
            one.join()
        at_end = {"gate": gate.processes(), "office": office.processes()}
        to.resident_mb.append({name: _resident_mb(them) for name, them in at_end.items()})

    def _again(
        self, port: int, act: Callable[[HTTPConnection], None], pace_s: float, to: Took
    ) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)) as line:
            while not self._over.is_set():
                began = time.monotonic()
                try:
                    act(line)
                    to.all_ms.append((time.monotonic() - began) * 1000)
                except (OSError, HTTPException, RuntimeError, ValueError):
                    to.failed += 1
                    line.close()
                time.sleep(max(0.0, began + pace_s - time.monotonic()))

    def _verify(self, line: HTTPConnection) -> None:
        line.request("GET", self._door, headers=self._headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != _OK:
            raise RuntimeError(answer.status)

    def _revoke(self, line: HTTPConnection) -> None:
        revoked(self._running, line, next(self._managers), status=_OK)


def main() -> None:
    """Measure, print, and write the file."""
    ask = argparse.ArgumentParser(prog="python -m bench.flood", description=__doc__)
    ask.add_argument("--gates", type=int, default=1, help="the first of them is flooded")
    ask.add_argument("--seconds", type=float, default=12.0, help="of each turn")
    ask.add_argument("--turns", type=int, default=3)
    ask.add_argument("--out", type=Path, default=RESULTS)
    wanted = ask.parse_args()
    with _scene(wanted.gates, wanted.seconds * wanted.turns) as (good, targets):
        limits = {name: _limit(one) for name, one in targets.items()}
        found = _measured(good, targets, limits, wanted.turns, wanted.seconds)
    rest = found[AT_REST]
    for name, one in found.items():
        _print(name, one, rest)
    said = {
        "gates": wanted.gates,
        "times": TIMES,
        "limits": {name: one._asdict() for name, one in limits.items()},
        "found": {name: _told(one, rest) for name, one in found.items()},
        "targets": TARGETS,
        "machine": host.machine(),
    }
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(json.dumps(said, indent=2) + "\n")


@contextmanager
def _scene(gates: int, seconds: float) -> Iterator[tuple[Good, dict[str, Target]]]:
    """Run it all; yield who is good, and where it is flooded."""
    doomed = 10 + int(3 * seconds / PACES_S["revoked"])
    with (
        tempfile.TemporaryDirectory(prefix="counterfoil-flood-") as folder,
        plain(Path(folder), many=gates, victims=doomed) as running,
    ):
        port = running.office.port
        with closing(Walk(f"http://127.0.0.1:{port}", tell=lambda _line: None)) as walk:
            api = registered(Talker(port).bearing(walk.sign_in("Ada", EMAIL, PASSWORD)))
        head, bearer = "Host: localhost\r\n", "Authorization: Bearer {token}\r\n\r\n"
        at_gate = (
            f"GET /authz/nginx/api_{api} HTTP/1.1\r\n{head}X-Original-Method: GET\r\n"
            f"X-Forwarded-For: 192.0.2.7\r\nX-Original-URI: /pages/12\r\n{bearer}"
        )
        at_office = f"GET /cma/token HTTP/1.1\r\n{head}{bearer}"
        yield (
            Good(running, api),
            {
                "the gate": Target(running.gates[0].port, at_gate),
                "the office": Target(port, at_office),
            },
        )


def _limit(target: Target) -> Limit:
    """Find out what a server can answer where it is asked without a pause."""
    rates = {}
    for lines in LINES:
        with pouring(target, lines) as end:
            time.sleep(_FIND_S)
            rates[lines] = _refused(end()).rate
    best = max(rates.values())
    return Limit(best, next(lines for lines, rate in rates.items() if rate >= NEAR * best))


def _measured(
    good: Good,
    targets: Mapping[str, Target],
    limits: Mapping[str, Limit],
    turns: int,
    seconds: float,
) -> dict[str, Served]:
    """Return how whoever is good was served: with no flood, and with each."""
    found = {name: Served() for name in (AT_REST, *targets)}
    good.served(_FIND_S, Served())  # for what is done once
    for _ in range(turns):
        good.served(seconds, found[AT_REST])
        for name, target in targets.items():
            limit = limits[name]
            with pouring(target, TIMES * limit.lines, TIMES * limit.rate) as end:
                good.served(seconds, found[name])
                found[name].poured.append(_refused(end()))
    if any(one.failed for one in found[AT_REST].took.values()):
        raise WrongAnswerError(AT_REST)
    return found


def _refused(poured: Poured) -> Poured:
    if not poured.answered or poured.answered.keys() - _REFUSALS:
        raise WrongAnswerError(poured)
    return poured


def _told(served: Served, rest: Served) -> dict[str, Any]:
    took = {name: one.told() for name, one in served.took.items()}
    before = {name: one.told() for name, one in rest.took.items()}
    return {
        **took,
        "ratios": {
            name: {part: round(one[part] / before[name][part], 2) for part in ("p50", "p99")}
            for name, one in took.items()
        },
        "met": {name: is_met(name, one) for name, one in served.took.items()},
        "poured": [one._asdict() for one in served.poured],
        "resident_mb": served.resident_mb,
    }


def is_met(what: str, took: Took) -> bool:
    """Say whether they were served as they shall be."""
    return not took.failed and p99(took.all_ms) <= TARGETS[what]


def _print(name: str, served: Served, rest: Served) -> None:
    told = _told(served, rest)
    for what in PACES_S:
        one, ratio = told[what], told["ratios"][what]
        verdict = "met" if told["met"][what] else "missed"
        sys.stdout.write(
            f"{name}, {what}: {one['many']}, {one['failed']} not, p50 {one['p50']:.1f} ms "
            f"({ratio['p50']}), p99 {one['p99']:.1f} ms ({ratio['p99']}), most {one['most']:.0f}; "
            f"wanted p99 {TARGETS[what]:.0f} ms and 0 not: {verdict}\n"
        )
    for poured in served.poured:
        sys.stdout.write(
            f"{name}: {poured.offered:,.0f} a second, {poured.taken:,.0f} taken, "
            f"{poured.rate:,.0f} answered\n"
        )
    sys.stdout.write(f"{name}: {served.resident_mb[0]} MB, then {served.resident_mb[-1]}\n")


def _resident_mb(processes: list[int]) -> float:
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in processes)
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


if __name__ == "__main__":
    main()
