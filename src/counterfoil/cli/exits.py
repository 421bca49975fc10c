"""Exit codes: what a script that called us can go by.

They are part of the public contract: a number changes its meaning in no version.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    """Something went wrong that has no number of its own: a refused field, a failing server."""
    USAGE = 2
    """The command line itself is wrong (click's own number)."""
    CONFIG = 3
    """The configuration cannot be used, or the server cannot be reached."""
    UNAUTHENTICATED = 4
    """No credential, or one that is not in force."""
    FORBIDDEN = 5
    """The credential is in force, but may not do that there."""
    NOT_FOUND = 6
    CONFLICT = 7
    """It is not in a state for this, changed meanwhile, or is there already."""
    UNAPPROVED = 8
    """The token waits for approval, or was denied."""
    RATE_LIMITED = 9
    DRIFT = 10
    """Something differed, and `--detailed-exitcode` asked for it."""
    LOST = 11
    """All that is there holds, and something that was there before is not: somebody has to look."""
    INTERRUPTED = 130


class Stop(Exception):
    """A command ends here, on purpose: with which exit code, what happened, what to do."""

    def __init__(self, exit_code: Exit, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.exit_code = exit_code
        self.fix = fix
