"""`counterfoil pat templates` and `link`: what a token is made for, and a filled-in form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import output_options, put_list
from counterfoil.cli.talking import Options, gathered, server_of, server_options
from counterfoil.kernel.clock import spell_instant, system_clock

if TYPE_CHECKING:
    from counterfoil.web.views.token_templates import Template


def begun(key: str) -> dict[str, Any]:
    """Return the attributes that a template gives a token.

    Raises:
        Stop: exit 6 if there is none with this key.
    """
    found = _named(key)
    return {
        "scopes": [str(scope) for scope in found.scopes],
        "surfaces": [str(surface) for surface in found.surfaces],
        "expires_at": spell_instant(system_clock() + timedelta(days=found.days)),
    }


@click.command()
@output_options
def templates() -> None:
    """List what a token can begin from: each purpose with the least that serves it."""
    put_list(
        [
            {
                "id": one.key,
                "label": one.label,
                "scopes": [str(scope) for scope in one.scopes],
                "surfaces": [str(surface) for surface in one.surfaces],
                "days": one.days,
            }
            for one in _all()
        ],
        "id label scopes surfaces days",
    )


@click.command()
@click.option("--template", help="Begin from one of `counterfoil pat templates`.")
@click.option("--name", help="What it is called.")
@click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated.")
@click.option("--expires", help="`30d`, a date, or `never`.")
@click.option("--root", help="A node by its id.")
@server_options
@gathered(Options)
def link(options: Options, *, template: str | None, **said: str | tuple[str, ...] | None) -> None:
    """Print the address of the form for a new token, filled in: for a page, a ticket, a colleague.

    It carries no secret, and whoever opens it still decides.
    """
    if template:
        _named(template)
    filled = {"template": template, **said}
    pairs = [(name, value) for name, given in filled.items() for value in _values(given)]
    address = f"{server_of(options).url.rstrip('/')}/tokens/new"
    click.echo(f"{address}?{urlencode(pairs, safe=':/')}" if pairs else address)


def _values(said: object) -> Iterator[str]:
    if isinstance(said, tuple):
        yield from said
    elif isinstance(said, str):
        yield said


def _all() -> tuple[Template, ...]:
    from counterfoil.web.views.token_templates import TEMPLATES

    return TEMPLATES


def _named(key: str) -> Template:
    for one in _all():
        if one.key == key:
            return one
    there = ", ".join(one.key for one in _all())
    raise Stop(Exit.NOT_FOUND, f"There is no template {key!r}; there are: {there}")
