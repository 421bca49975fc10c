"""What a gate decides, on its way from one request to the trail."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from msgspec import structs

from counterfoil.gate.record.decided import ALLOWED, Decided
from counterfoil.gate.record.journal import Journal, Mark
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gateway.trail import Trail
from counterfoil.kernel.clock import micros
from support.gate import ACME, BASE, BEN
from support.office import START, StandingClock
from support.shop import SHOP

_dice = random.Random(9)

ROW = Decided(
    at=micros(START),
    organization=ACME,
    user=BEN,
    token=BASE + 101,
    token_name="ci",
    issuer=None,
    method="personal",
    api=SHOP,
    route="GET /items",
    changes=False,
    node=None,
    outcome=ALLOWED,
    request_id="7" * 32,
    address="192.0.2.7",
    agent="curl/8.5.0",
)


def rows(*names: object, **said: Any) -> list[Decided]:
    """Return rows that are told apart by the ids of their requests."""
    return [structs.replace(ROW, request_id=str(name), **said) for name in names]


def folder_in(home: Path) -> Path:
    """Return where the journal of a host lies."""
    return home / "decisions"


def journal_in(home: Path, **limits: int) -> Journal:
    """Open the journal of a host, to write in it."""
    return Journal(folder_in(home), _dice.randbytes, **limits)


def trail_in(home: Path, *, full: int = 20_000, strict: bool = False, **limits: int) -> Trail:
    """Open the trail of a gateway; nothing is written before somebody says so."""
    journal = journal_in(home, **limits)
    return Trail(journal, StandingClock(), lambda: "cf", strict=strict, full=full)


def told(home: Path, known: Mark | None = None) -> list[Decided]:
    """Return all rows that stand in the journal of a host after a place, in order."""
    shipping = Shipping(folder_in(home))
    journal = shipping.journal()
    if journal is None:
        return []
    place, found = known or Mark(journal), []
    while shipped := shipping.after(place, 100):
        found += [row for one in shipped for row in one.batch.rows]
        place = shipped[-1].after
    return found


def named(found: list[Decided]) -> list[str]:
    """Return by what rows are told apart."""
    return [one.request_id for one in found]
