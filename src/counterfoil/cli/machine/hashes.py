"""Files of hashes to be taken over: NDJSON, or CSV whose first line names the fields."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.kernel.clock import system_clock

if TYPE_CHECKING:
    from counterfoil.app.import_line import Line

_LISTS: Final = ("scopes", "roots", "surfaces")
_SEPARATOR: Final = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line, and where in its file it stands."""

    number: int
    line: Line


def read(file: IO[str], usual: Mapping[str, Any]) -> list[Numbered]:
    """Return the lines of a file; what one does not say is as usual.

    Raises:
        Stop: exit 2, naming the line and what is wrong with it.
    """
    try:
        found = [Numbered(number, _line(number, said, usual)) for number, said in _records(file)]
    except UnicodeDecodeError:
        raise Stop(Exit.USAGE, "The file is not UTF-8") from None
    if not found:
        raise Stop(Exit.USAGE, "The file names no tokens")
    _require_different(found)
    return found


def _records(file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what each line says, by field; a file that begins with a brace is NDJSON."""
    lines = list(file)
    first = next((line for line in lines if line.strip()), "")
    if not first.lstrip().startswith("{"):
        yield from _csv(lines)
        return
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _object(number, line)


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError as error:
        raise _wrong(number, f"it is no JSON ({error})") from None
    if not isinstance(said, dict):
        raise _wrong(number, "it is no JSON object")
    return said


def _csv(lines: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what lines of CSV say: an empty cell says nothing, and a list stands in one cell."""
    reader = csv.DictReader(lines, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise _wrong(reader.line_num, "it has not as many cells as the first line")
            said: dict[str, Any] = {name: cell.strip() for name, cell in row.items()}
            for name in _LISTS:
                if said.get(name):
                    said[name] = _SEPARATOR.split(said[name])
            yield reader.line_num, {name: cell for name, cell in said.items() if cell}
    except csv.Error as error:
        raise _wrong(reader.reader.line_num, f"it is no CSV ({error})") from None


def _line(number: int, said: dict[str, Any], usual: Mapping[str, Any]) -> Line:
    import msgspec

    from counterfoil.app.import_line import Line

    if said.keys() & {"role", "user"}:
        usual = {name: value for name, value in usual.items() if name not in {"role", "user"}}
    try:
        if isinstance(until := said.get("expires_at"), str):
            said["expires_at"] = read_expiry(until, system_clock(), "expires_at") or "never"
        return msgspec.convert({**usual, **said}, Line, strict=False)
    except click.BadParameter as error:
        raise _wrong(number, error.message) from None
    except msgspec.ValidationError as error:
        raise _wrong(number, str(error)) from None


def _require_different(found: list[Numbered]) -> None:
    """Return if no hash stands there twice."""
    met: dict[str, int] = {}
    for one in found:
        before = met.setdefault(one.line.sha256, one.number)
        if before != one.number:
            raise _wrong(one.number, f"its hash stands in line {before} already")


def _wrong(number: int, what: str) -> Stop:
    return Stop(Exit.USAGE, f"Line {number}: {what}", "counterfoil token import --help")
