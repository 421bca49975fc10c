"""From where a request came, for tokens that are bound to networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

AddressOf: TypeAlias = Callable[[Mapping[str, Any]], str]
"""Finds out from which address a request came, by its environment."""


def peer(environ: Mapping[str, Any]) -> str:
    """Return the address at the other end of the connection, which no header can change.

    A server behind proxies of its own finds its clients' in another way, and says so to the gate.
    """
    return str(environ.get("REMOTE_ADDR") or "")
