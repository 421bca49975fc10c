"""Lists as CSV (RFC 4180), of which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a formula begins, also in full width, as East Asian spreadsheets take it (OWASP)."""


def spelled(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table with its head, in lines that end in CR LF.

    What a spreadsheet would run begins with an apostrophe, which makes it text.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, spaces before it or not."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
