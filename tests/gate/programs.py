"""Programs that run beside a test, on the same replica."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from counterfoil.feed.event import NodePlaced, TokenRecorded
from support.gate import ACME, BASE, mint, record


def placed(n: int) -> NodePlaced:
    return NodePlaced(organization=ACME, node=BASE + n, parent=None)


def tokens(n: int) -> TokenRecorded:
    """One of many tokens."""
    return record(mint(), token=BASE + 10_000 + n, name=f"token {n}")


def run_python(code: str, path: Path, **pipes: int) -> subprocess.Popen[bytes]:
    """Run a program of ours beside this one, on the same replica."""
    tests = Path(__file__).parents[1]
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        env={**os.environ, "PYTHONPATH": str(tests)},
        **pipes,  # type: ignore[call-overload]
    )
    return process
