"""Processes of a host whose wall clock is set while they run (R6)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from counterfoil.gate.hostclock import LEAP_S
from counterfoil.gate.replica import Replica
from counterfoil.kernel.clock import in_micros, system_clock
from counterfoil.secret import DEFAULT_PREFIX
from support.gate import mint, record, tell

HOUR_S = 3600.0
TEN_YEARS_S = 10 * 366 * 24 * HOUR_S

PROGRAM = """
import sys, time
from pathlib import Path
real, (shift, data, token) = time.time, sys.argv[1:]
time.time = lambda: real() + float(Path(shift).read_text())
from counterfoil.gateway.books import books_here
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.runtime.places import Places
books = books_here(Places(Path(data)))
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "look":
        books.clock.look()
    try:
        books.verifier.verify(token)
        print("allowed", flush=True)
    except CounterfoilError as error:
        print(error.code, flush=True)
"""


def test_a_process_whose_clock_is_set(tmp_path: Path, replica: Replica) -> None:
    """Processes of a gate, each begun anew or going on, open nothing again by an earlier clock."""
    token, shift = mint(), tmp_path / "shift"
    replica.call(DEFAULT_PREFIX, "")
    tell(replica, record(token, expires_at=in_micros(system_clock.seconds() + 2 * HOUR_S)))

    def started() -> subprocess.Popen[str]:
        shown = [sys.executable, "-c", PROGRAM, str(shift), str(tmp_path), token]
        process = subprocess.Popen(shown, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def asked(process: subprocess.Popen[str], shifted: float) -> str:
        (told := shift.with_name("told")).write_text(str(shifted))
        told.replace(shift)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("look\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    shift.write_text("0")
    with started() as first, started() as second:
        assert asked(first, 0) == "allowed"
        assert asked(first, 3 * HOUR_S) == asked(second, 3 * HOUR_S) == "TOKEN_EXPIRED"
        assert asked(first, 0) == asked(second, 0) == "allowed"  # a leap, and it is set right
        by_s, said = 0.0, ""
        while by_s < 3 * HOUR_S:  # believed step by step, as if that time had passed
            by_s += LEAP_S - 10
            said = asked(first, by_s)
        assert said == "TOKEN_EXPIRED"
        for back_s in (0.0, -HOUR_S, -TEN_YEARS_S):
            assert asked(second, back_s) == asked(first, back_s) == "TOKEN_EXPIRED"
        with started() as third:
            assert asked(third, 0) == "TOKEN_EXPIRED"
            third.kill()
        first.kill()
        second.kill()
