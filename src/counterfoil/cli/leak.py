"""`counterfoil leak report`: whoever found a token says so, and needs no credential for that."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from counterfoil.cli.output import note, output_options, put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import (
    Options,
    agent,
    gathered,
    read_token_file,
    server_of,
    server_options,
    taken,
    warn_of_argv,
    warn_of_clear_text,
)
from counterfoil.secret import redacted

_STDIN: Final = "-"
_PATH: Final = "/leaks"


@click.command()
@click.argument("token", metavar="[TOKEN|-]", required=False)
@click.option("--token-file", type=click.Path(path_type=Path), help="A file with the token.")
@click.option("--seen-at", default="", metavar="URL", help="Where it was seen.")
@click.option("--dry-run", is_flag=True, help="Say what would be reported; report nothing.")
@server_options
@output_options
@gathered(Options)
def report(options: Options, *, token: str | None, seen_at: str) -> None:
    """Report a token that has leaked. Nobody has to sign in for that; no credential is sent.

    Without TOKEN it is read from standard input. What becomes of it is for the policy of its
    organization to say, and its owner is told. The server answers the same for every string.
    """
    leaked = _leaked(options, token)
    server = server_of(options, given=True)
    warn_of_clear_text(server.url)
    if options.dry_run:
        note(f"… a dry run: it would be reported to {server.url}, and was not")
    else:
        from counterfoil.client import Client

        with Client(server.url, agent=agent()) as client:
            client.wire.form({"token": leaked, "url": seen_at}, _PATH)
        note(f"✓ reported to {server.url}; if it is a token there, its organization is told")
    if chosen().is_data:
        put_value({"url": server.url, "seen_at": redacted(seen_at), "sent": not options.dry_run})


def _leaked(options: Options, token: str | None) -> str:
    if token and options.token_file:
        raise click.UsageError("Give the token, or a file with it.")
    warn_of_argv(token)
    return read_token_file(options.token_file) if options.token_file else taken(token or _STDIN)
