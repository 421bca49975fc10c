"""The audit trail as a file: CSV for spreadsheets, NDJSON for programs, piece by piece.

All of it, or a last line that says where it was cut: who may read it no longer gets no more of it.

A spreadsheet takes a cell that begins like a formula for one, and names, targets and claims of
clients are anybody's to choose: such a cell gets an apostrophe in front (OWASP: CSV injection).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Final

import msgspec

from counterfoil.audit.read import Recorded
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.kernel.page import Page
from counterfoil.web.views.token_csv import harmless

COLUMNS: Final = (
    "position", "at", "actor", "actor_name", "token", "token_name", "issuer", "method",
    "operation", "target", "outcome", "request_id", "address", "agent", "note", "api", "route",
    "changes",
)  # fmt: skip

NameOf = Callable[[Page[Recorded]], dict[int, str]]


def as_csv(pages: Iterable[Page[Recorded]], names: NameOf) -> Iterator[bytes]:
    """Yield a table with one line for each entry; if pages end too early its last line says so."""
    yield _line(COLUMNS)
    last: Page[Recorded] = Page(())
    for page in pages:
        who = names(page)
        yield b"".join(_line(_told(entry, who)) for entry in page.items)
        last = page
    if last.after is not None:
        yield _line(("", "", f"cut short: more entries come before position {last.after}"))


def as_ndjson(pages: Iterable[Page[Recorded]], names: NameOf) -> Iterator[bytes]:
    """Yield one JSON object a line for each entry; if pages end too early the last line says so."""
    encode = msgspec.json.encode
    last: Page[Recorded] = Page(())
    for page in pages:
        who = names(page)
        yield b"".join(
            encode(dict(zip(COLUMNS, _told(entry, who), strict=True))) + b"\n"
            for entry in page.items
        )
        last = page
    if last.after is not None:
        yield encode({"more_before": int(last.after)}) + b"\n"


def as_json(entry: Recorded, who: dict[int, str]) -> str:
    """Return an entry as the NDJSON file has it, written to be read."""
    told = dict(zip(COLUMNS, _told(entry, who), strict=True))
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _line(cells: Iterable[object]) -> bytes:
    out = StringIO()
    csv.writer(out).writerow([harmless(_cell(cell)) for cell in cells])
    return out.getvalue().encode()


def _cell(cell: object) -> str:
    if isinstance(cell, tuple):
        return msgspec.json.encode(cell).decode()
    return "" if cell is None else str(cell)


def _told(entry: Recorded, who: dict[int, str]) -> tuple[object, ...]:
    return (
        entry.position,
        spell_instant(entry.at),
        None if entry.user is None else spell(Prefix.USER, entry.user),
        None if entry.user is None else who.get(entry.user),
        None if entry.token is None else spell(Prefix.TOKEN, entry.token),
        entry.token_name,
        None if entry.issuer is None else spell(Prefix.USER, entry.issuer),
        entry.method,
        entry.operation,
        entry.target,
        entry.outcome,
        entry.request_id,
        entry.address,
        entry.agent,
        entry.note,
        None if entry.api is None else spell(Prefix.API, entry.api),
        entry.route,
        entry.changes or None,
    )
