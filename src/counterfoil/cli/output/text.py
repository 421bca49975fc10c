"""Texts for people.

Results go to standard output and everything else to standard error. What other people named is
stripped of control characters first, so that a token's name cannot repaint somebody's terminal.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from typing import Final

import click

from counterfoil.cli.output.progress import wipe
from counterfoil.kernel.ids import Prefix

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
    """Say something that is not the result, without any token in it."""
    from counterfoil.secret import redacted

    wipe()
    click.echo(redacted(printable(text)), err=True)


def on_terminal() -> bool:
    """Say whether a person reads the results, and no program."""
    return sys.stdout.isatty()


def put_facts(heading: str, facts: Iterable[tuple[str, object]]) -> None:
    """Print what is known of one thing, below its heading: a line for each fact that there is."""
    click.echo(printable(heading))
    for label, fact in facts:
        if fact:
            click.echo(f"  {label:<10}{printable(str(fact))}")


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
