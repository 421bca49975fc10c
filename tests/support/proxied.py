"""A gateway that runs, and a proxy in front of an API that asks it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from counterfoil.gate.replica import Replica
from infra.echo import Echo
from infra.server import Server

NAME = "caf\u00e9 \u65e5\u672c, ci"


@dataclass(frozen=True)
class Tokens:
    """Tokens of the shop: for a shelf, to read all, to write, and a dead one."""

    shelf: str
    reader: str
    writer: str
    expired: str


@dataclass(frozen=True)
class Live:
    """A shop whose gateway runs, in front of nothing yet."""

    home: Path
    replica: Replica
    gate: Server
    tokens: Tokens


@dataclass(frozen=True)
class Proxied:
    """A proxy in front of the shop's API."""

    kind: str
    port: int
    live: Live
    api: Echo
