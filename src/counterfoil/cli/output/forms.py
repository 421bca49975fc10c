"""The forms themselves: table, tab-separated lines, CSV, JSON, lines of JSON, YAML."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.choice import Form
from counterfoil.cli.output.record import cell, heading
from counterfoil.cli.output.text import on_terminal, printable

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet takes a text for a formula (OWASP, CSV injection)."""


def table(form: Form, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print records: a table with headings, or a line each."""
    if form is not Form.TABLE:
        stream(form, names, rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        shown.add_column(heading(name), overflow="fold", no_wrap=name == "id")
    for row in rows:
        shown.add_row(*(Text(_safe(printable(cell(name, row[name])))) for name in names))
    Console(no_color=bool(os.environ.get("NO_COLOR"))).print(shown)


def line(cells: Iterable[str]) -> None:
    """Print cells as one line."""
    click.echo(_safe("\t".join(map(printable, cells))))


def stream(form: Form, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print records as they come."""
    for line in _lines(form, names, rows):
        click.echo(line)


def facts(form: Form | None, told: Sequence[tuple[str, str]]) -> None:
    """Print what is known of one thing: labels and texts."""
    if form is Form.TSV or (form is None and not on_terminal()):
        for label, text in told:
            click.echo(_safe(f"{label}\t{printable(text)}"))
        return
    width = max((len(label) for label, _ in told), default=0)
    for label, text in told:
        click.echo(_safe(f"{label:<{width}}  {printable(text)}"))


def data(form: Form | None, value: object, jq: str | None, *, secret: str = "") -> None:
    """Print a value as data, without any token in it but the secret that is to be shown."""
    if jq is not None:
        _filtered(value, jq, secret)
    elif form is Form.YAML:
        click.echo(_safe(_yaml(value), secret), nl=False)
    elif form is Form.NDJSON:
        for one in value if isinstance(value, list) else [value]:
            click.echo(_safe(json.dumps(one, ensure_ascii=False), secret))
    else:
        click.echo(_safe(_json(value), secret))


def document(value: object) -> None:
    """Print a value as JSON that is read by people, wherever it goes."""
    click.echo(_safe(json.dumps(value, ensure_ascii=False, indent=2)))


def _lines(form: Form, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    if form is Form.CSV:
        yield _csv([name.replace(".", "_") for name in names])
    for row in rows:
        match form:
            case Form.CSV:
                yield _safe(_csv([_plain(row[name]) for name in names]))
            case Form.NDJSON:
                yield _safe(json.dumps(row, ensure_ascii=False))
            case _:
                cells = (printable(cell(name, row[name], short=False)) for name in names)
                yield _safe("\t".join(cells))


def _csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _plain(value: object) -> str:
    """Return a value for a spreadsheet, which shall never take it for a formula."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | tuple() if all(isinstance(one, str) for one in value):
            text = " ".join(value)
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False)
        case int() | float():
            return str(value)
        case _:
            text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2 if on_terminal() else None)


def _yaml(value: object) -> str:
    import yaml

    said: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return said


def _filtered(value: object, program: str, secret: str) -> None:
    try:
        import jq
    except ImportError:
        raise Stop(
            Exit.CONFIG, "--jq needs the library jq", "pip install 'counterfoil[jq]'"
        ) from None
    try:
        results = list(jq.compile(program).input_value(value))
    except ValueError as error:
        reason = str(error).removeprefix("jq: error: ").splitlines()[0]
        raise click.BadParameter(reason, param_hint="--jq") from None
    for one in results:
        text = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
        click.echo(_safe(text, secret))


def _safe(text: str, secret: str = "") -> str:
    """Return the text with every token cut down to its hint, but for the one to be shown.

    On a terminal no character of it is a command.
    """
    from counterfoil.secret import redacted

    if on_terminal():
        text = "\n".join(map(printable, text.split("\n")))
    if not secret:
        return redacted(text)
    return secret.join(redacted(part) for part in text.split(secret))
