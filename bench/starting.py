"""How long a command takes that asks nobody, beside the least that click can do."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Final

ROUNDS: Final = 21

_HELLO: Final = "click hello"
_VERSION: Final = "counterfoil --version"
_OURS: Final = "from counterfoil.cli.root import main; main({words!r})"
_PROGRAMS: Final[Mapping[str, tuple[str, int]]] = {
    _HELLO: (
        "import click; click.command()(lambda: click.echo('hello'))(prog_name='hello')",
        0,
    ),
    _VERSION: (_OURS.format(words=["--version"]), 0),
    "counterfoil pat list --help": (_OURS.format(words=["pat", "list", "--help"]), 0),
    "counterfoil pat list --nonsense": (_OURS.format(words=["pat", "list", "--nonsense"]), 2),
    "counterfoil pat list, signed in nowhere": (_OURS.format(words=["pat", "list"]), 4),
}
"""Each with the exit code that it ends with."""


def start_ratio() -> tuple[float, dict[str, float]]:
    """Return processor time of `counterfoil --version` ÷ of a hello of click, and all in ms.

    All are the same interpreter with a program on its command line, in turn; the median counts.
    """
    used: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as home:
        for _ in range(ROUNDS):
            for name, (program, code) in _PROGRAMS.items():
                used[name].append(_cpu_s(program, code, home))
    ratio = statistics.median(used[_VERSION]) / statistics.median(used[_HELLO])
    return ratio, {f"{name}, ms": _median_ms(each) for name, each in used.items()}


def _cpu_s(program: str, code: int, home: str) -> float:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL")}
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env={**kept, "HOME": home, "XDG_CONFIG_HOME": home},
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != code:
        raise subprocess.CalledProcessError(process.returncode, program)
    return used.ru_utime + used.ru_stime


def _median_ms(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds) * 1000, 1)


def main() -> None:
    """Measure, and print."""
    ratio, parts = start_ratio()
    hello = parts[f"{_HELLO}, ms"]
    for name, taken in parts.items():
        print(f"{name:<45} {taken:6.1f}  {taken / hello:.2f}")
    print(f"{_VERSION} ÷ {_HELLO}: {ratio:.2f}")


if __name__ == "__main__":
    main()
