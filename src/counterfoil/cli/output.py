"""How results are shown: a table on a terminal, tab-separated lines in a pipe, or JSON.

Results go to standard output and everything else to standard error. What other people named is
stripped of control characters first, so that a token's name cannot repaint somebody's terminal.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import click

from counterfoil.kernel.ids import Prefix

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Controls, invisible and bidirectional format characters, private use, lone surrogates."""


def printable(text: str) -> str:
    """Return the text with every character that is no visible one spelled out by its number."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNPRINTABLE
        else character
        for character in text
    )


def note(text: str) -> None:
    """Say something that is not the result."""
    click.echo(printable(text), err=True)


def json_option(command: F) -> F:
    """Give a command `--json`, which also makes its failures JSON."""

    def remember(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> bool:
        if isinstance(ctx.obj, dict):
            ctx.obj["json"] = wanted
        return wanted

    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        callback=remember,
        is_eager=True,
        help="Print JSON, also for errors.",
    )(command)


def put_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2 if on_terminal() else None))


def on_terminal() -> bool:
    """Say whether a person reads the results, and no program."""
    return sys.stdout.isatty()


def put_facts(heading: str, facts: Iterable[tuple[str, object]]) -> None:
    """Print what is known of one thing, below its heading: a line for each fact that there is."""
    click.echo(printable(heading))
    for label, fact in facts:
        if fact:
            click.echo(f"  {label:<10}{printable(str(fact))}")


def put_rows(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: a table with headings on a terminal, plain tab-separated lines elsewhere."""
    cells = [["" if cell is None else printable(str(cell)) for cell in row] for row in rows]
    if not on_terminal():
        for row in cells:
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console().print(table)


def spelled(prefix: Prefix, id_: str | None) -> str:
    """Return an id as it stands where no type stands beside it; nothing for none."""
    return f"{prefix}_{id_}" if id_ else ""


def places(roots: object) -> str:
    """Return roots as one cell: `nod_…, nod_…`, or in a word."""
    if isinstance(roots, list | tuple):
        return words([spelled(Prefix.NODE, str(root)) for root in roots])
    return words(roots)


def words(value: object) -> str:
    """Return a list as one cell: `read, write`; `everything` for none, `nothing` for empty."""
    if value is None:
        return "everything"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    return str(value)
