"""The composition root: the only package that knows every other.

`found` begins an installation, `build` puts it together out of its settings, `serve` runs it.
"""

from __future__ import annotations

from counterfoil.app.build import App, UnreadyError, build, rebuild
from counterfoil.app.found import First, OccupiedError, find_empty, found
from counterfoil.app.serve import serve
from counterfoil.app.worker import worker

__all__ = [
    "App",
    "First",
    "OccupiedError",
    "UnreadyError",
    "build",
    "find_empty",
    "found",
    "rebuild",
    "serve",
    "worker",
]
