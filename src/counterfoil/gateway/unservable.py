"""Why a gateway cannot be served."""

from __future__ import annotations


class UnservableError(Exception):
    """The gateway cannot be served as it is set; the message says what to do."""
