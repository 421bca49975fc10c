"""At the gate: where requests come from, and how often they come, as its door finds it out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.gate.limits import Counters
from counterfoil.gate.middleware_wsgi import CALLER, Gate
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.ids import TokenId
from support.gate import BASE, environ, mint, record, tell, under
from support.office import StandingClock

HERE = ("192.0.2.0/24", "2001:db8::/32")
INSIDE = "192.0.2.7"
OUTSIDE = "198.51.100.1"


def answer(gate: Gate, sent: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    """Send a request through a gate."""
    said: list[Any] = []
    body = gate(sent, lambda *told: said.append(told))
    return said[-1][0], dict(said[-1][1]), b"".join(body)


def application(sent: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("X-Own", "1")])
    return [str(sent[CALLER].token).encode()]


class TestGate:
    def test_address(self, verifier: Verifier, replica: Replica) -> None:
        """Where it came from is the other end of the connection, whatever a header claims (S42)."""
        text = mint()
        tell(replica, record(text, under(networks=HERE)))
        gate = Gate(application, verifier)
        assert answer(gate, environ(text, REMOTE_ADDR=INSIDE))[0] == "200 OK"
        forged = environ(
            text, REMOTE_ADDR=OUTSIDE, HTTP_X_FORWARDED_FOR=INSIDE, HTTP_FORWARDED=f"for={INSIDE}",
            HTTP_X_REAL_IP=INSIDE,
        )  # fmt: skip
        status, headers, body = answer(gate, forged)
        assert (status, json.loads(body)["errors"][0]["code"]) == (
            "403 Forbidden", "IP_NOT_ALLOWED",
        )  # fmt: skip
        assert "192.0.2" not in str(headers) + body.decode()
        assert answer(gate, environ(text))[0] == "403 Forbidden"

    def test_address_of_the_server(self, replica: Replica, clock: StandingClock) -> None:
        """A server that knows its proxies tells the gate whose address it is."""
        text = mint()
        tell(replica, record(text, under(networks=HERE)))
        knows = Verifier(replica, clock, address_of=lambda sent: sent["client"])
        sent = environ(text, REMOTE_ADDR=OUTSIDE, client=INSIDE)
        assert answer(Gate(application, knows), sent)[0] == "200 OK"
        assert knows.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ).token == BASE + 101

    def test_rate(self, verifier: Verifier, replica: Replica, clock: StandingClock) -> None:
        """So many at once, then evenly: 429 says when to come again, and each answer what is left.

        (D12)
        """
        text, free = mint(), mint()
        tell(replica, record(text, under(rate=(2, 10))), record(free, token=BASE + 102))
        gate = Gate(application, verifier)
        left = [answer(gate, environ(text))[1]["RateLimit"] for _ in range(2)]
        assert left == ['"own";r=1;t=5', '"own";r=0;t=10']
        status, headers, body = answer(gate, environ(text))
        assert (status, headers["Retry-After"]) == ("429 Too Many Requests", "5")
        assert headers["RateLimit-Policy"] == '"own";q=2;w=10'
        assert "WWW-Authenticate" not in headers
        assert json.loads(body)["errors"][0]["code"] == "RATE_LIMIT_EXCEEDED"
        assert "RateLimit" not in answer(gate, environ(free))[1]
        clock.move_on(seconds=5)
        assert answer(gate, environ(text))[0] == "200 OK"
        assert answer(gate, environ(text))[0] == "429 Too Many Requests"

    def test_clock_set_back(
        self, verifier: Verifier, replica: Replica, clock: StandingClock
    ) -> None:
        """A clock that is set back keeps a token from no more than one of its rate's times."""
        text = mint()
        tell(replica, record(text, under(rate=(2, 10)), expires_at=None))
        gate = Gate(application, verifier)
        clock.move_on(days=1)
        answer(gate, environ(text))
        clock.move_on(days=-1)
        assert answer(gate, environ(text))[0] == "429 Too Many Requests"
        clock.move_on(seconds=5)
        assert answer(gate, environ(text))[0] == "200 OK"

    def test_all_gates_of_a_host(self, verifier: Verifier, replica: Replica) -> None:
        """Two gates over one replica count together."""
        text = mint()
        tell(replica, record(text, under(rate=(2, 3600))))
        gates = [Gate(application, verifier) for _ in range(2)]
        said = [answer(gate, environ(text))[0] for gate in gates * 2]
        assert said == ["200 OK"] * 2 + ["429 Too Many Requests"] * 2


def test_own_pace_is_counted_apart(tmp_path: Path, clock: StandingClock) -> None:
    """What a token may do of its own is counted apart from its organization's limits."""
    counters, one = Counters(tmp_path / "counters", clock), TokenId(BASE + 1)
    assert counters.pace(one, 1, 1).allowed
    assert counters.pace(one, 1, 1, own=True).allowed
    assert all(counters.window(one, 1, 3000, lane).allowed for lane in range(14))
    assert not counters.pace(one, 1, 1, own=True).allowed
    counters.close()


def test_processes_count_together(tmp_path: Path) -> None:
    """Processes and threads that count one token's own pace never let one too many pass (S42)."""
    code = """
import sys, threading
from pathlib import Path
from counterfoil.gate.limits import Counters
from counterfoil.kernel.clock import system_clock
counters = Counters(Path(sys.argv[1]), system_clock)
passed = []
def ask():
    for _ in range(200):
        passed.append(counters.pace(10**15, 300 / 86_400, 300, own=True).allowed)
threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sum(passed))
"""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "counters")],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    assert sum(int(worker.communicate(timeout=60)[0]) for worker in workers) == 300
