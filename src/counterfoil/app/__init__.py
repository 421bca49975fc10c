"""The composition root: the only package that knows every other.

`found` begins an installation, `build` puts it together out of its settings, `serve` runs it, and
`machine` is what its operator does by hand.
"""

from __future__ import annotations

from counterfoil.app.auditing import Held, copy_of, of_copy, of_installation
from counterfoil.app.build import App, build, rebuild
from counterfoil.app.fit import UnreadyError, bring_up, foreseen
from counterfoil.app.found import First, OccupiedError, find_empty, found
from counterfoil.app.import_line import Line
from counterfoil.app.importing import AT_ONCE, Importer, Outcome, importing
from counterfoil.app.machine import (
    Created,
    admit,
    create,
    invite,
    lift_provider,
    restore_role,
)
from counterfoil.app.sealing import seal_directory
from counterfoil.app.serve import serve
from counterfoil.app.worker import worker

__all__ = [
    "AT_ONCE",
    "App",
    "Created",
    "First",
    "Held",
    "Importer",
    "Line",
    "OccupiedError",
    "Outcome",
    "UnreadyError",
    "admit",
    "bring_up",
    "build",
    "copy_of",
    "create",
    "find_empty",
    "foreseen",
    "found",
    "importing",
    "invite",
    "lift_provider",
    "of_copy",
    "of_installation",
    "rebuild",
    "restore_role",
    "seal_directory",
    "serve",
    "worker",
]
