"""The vendors' clients at work: many calls in one process of Node.js, and what came of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from infra.node import CLIENTS, node

Case: TypeAlias = dict[str, Any]
"""Who asks (`token`, or `who`), and the `steps` that they take one after another."""

Seen: TypeAlias = list[dict[str, Any]]
"""What each step of a case came to: a `value`, or `name`, `status` and words of the error."""


def play(script: str, url: str, cases: Sequence[Case], home: Path) -> list[Seen]:
    """Let a client play some cases at one server; return what it saw of each."""
    told = {"URL": url, "CASES": json.dumps(cases)}
    done = node(CLIENTS / script, home=home, env=told)
    assert done.returncode == 0, done.stderr
    seen: list[Seen] = json.loads(done.stdout)
    return seen
