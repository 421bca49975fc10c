"""The audit trail as the demo shows it: when, who, by which token, what, on what, how it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from counterfoil.cli.output import printable

_CLOCK: Final = slice(11, 19)
_TAIL: Final = 4
_ON_RECORD: Final = {
    "the trail holds who asked, who approved and who revoked": (
        ("token.request", "allowed"),
        ("token_request.approve", "allowed"),
        ("token.revoke", "allowed"),
    ),
    "what the token read and wrote": (
        ("delivery.list", "allowed"),
        ("preview.list", "allowed"),
        ("entry.create", "allowed"),
    ),
    "and what was refused": (
        ("entry.create", "OUTSIDE_ROOT_NODES"),
        ("entry.publish", "INSUFFICIENT_SCOPE"),
        ("token.request", "PAT_CANNOT_CREATE_PAT"),
        ("token.edit", "EXPIRATION_CANNOT_BE_EXTENDED"),
    ),
}


def claims(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, bool]]:
    """Yield what the trail must hold, and whether it does; what is missing is named."""
    seen = {(one["attributes"]["operation"], one["attributes"]["outcome"]) for one in entries}
    for says, acts in _ON_RECORD.items():
        missing = [" ".join(act) for act in acts if act not in seen]
        yield says + "".join(f"; not {act}" for act in missing), not missing


def rows(entries: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each entry, the oldest first; `names` knows people by their id.

    Of an id its last four digits are shown, as everywhere in the demo.
    """
    told = [_cells(entry, names) for entry in sorted(entries, key=_when)]
    widths = [max(map(len, column)) for column in zip(*told, strict=True)]
    for cells in told:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        yield " ".join(padded).rstrip()


def _when(entry: Mapping[str, Any]) -> tuple[str, int]:
    """Reads are written down after the fact, so that positions alone would not do."""
    return entry["attributes"]["at"], int(entry["id"])


def _cells(entry: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    said = entry["attributes"]
    user = entry["relationships"]["user"]["data"]
    target = said["target"]
    return (
        said["at"][_CLOCK],
        names.get(user["id"], "somebody") if user else "nobody",
        "session" if said["method"] == "session" else printable(said["token_name"] or "-"),
        said["operation"],
        f"…{target[-_TAIL:]}" if target else "-",
        said["outcome"],
    )
