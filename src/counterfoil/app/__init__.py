"""The composition root: the only package that knows every other.

`found` begins an installation, `build` puts it together out of its settings, `serve` runs it, and
`machine` is what its operator does by hand.
"""

from __future__ import annotations

from counterfoil.app.build import App, build, rebuild
from counterfoil.app.fit import UnreadyError
from counterfoil.app.found import First, OccupiedError, find_empty, found
from counterfoil.app.machine import Created, admit, create, invite
from counterfoil.app.serve import serve
from counterfoil.app.worker import worker

__all__ = [
    "App",
    "Created",
    "First",
    "OccupiedError",
    "UnreadyError",
    "admit",
    "build",
    "create",
    "find_empty",
    "found",
    "invite",
    "rebuild",
    "serve",
    "worker",
]
