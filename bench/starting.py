"""How long a command takes that does nothing, beside the least that click can do."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

ROUNDS: Final = 21

_HELLO: Final = "import click; click.command()(lambda: click.echo('hello'))(prog_name='hello')"
_OURS: Final = "from counterfoil.cli.root import main; main(['--version'])"


def start_ratio() -> tuple[float, dict[str, float]]:
    """Return processor time of `counterfoil --version` ÷ of a hello of click, and both in ms.

    Both are the same interpreter with a program on its command line, in turn; the median counts.
    """
    ours, hello = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu_s(_OURS))
        hello.append(_cpu_s(_HELLO))
    medians = {"counterfoil --version, ms": _median_ms(ours), "click hello, ms": _median_ms(hello)}
    return statistics.median(ours) / statistics.median(hello), medians


def _cpu_s(program: str) -> float:
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, program)
    return used.ru_utime + used.ru_stime


def _median_ms(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds) * 1000, 1)
