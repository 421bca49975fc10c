"""`counterfoil api`: any call of the API, by the stored credential."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import on_terminal
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.client.redact import redact

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@click.command()
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--data", help="The body, as JSON; `@FILE` and `-` read it.")
@click.option("--if-match", metavar="ETAG", help='The version that you looked at: `"3"`.')
@click.option("--pick", help="Print this member of the answer alone: `data.attributes.token`.")
@talks
def api(
    options: Options,
    *,
    as_json: bool,
    method: str,
    path: str,
    data: str | None,
    if_match: str | None,
    pick: str | None,
) -> None:
    """Make one call of the API: METHOD and PATH, `GET /cma/token` for instance.

    A secret in the answer is cut down to its hint. It is shown whole to who picks it, so that it
    goes into a variable or a file and onto no screen.
    """
    if not path.startswith("/"):
        message = "A path begins with a slash: /cma/token."
        raise click.UsageError(message)
    headers = {} if if_match is None else {"if-match": if_match}
    body = None if data is None else _read(data)
    with open_client(options) as client:
        answer = client.wire.ask(method, path, body=body, headers=headers)
        document = answer.document
    if pick is not None:
        click.echo(_spelled(_picked(document, pick)))
    elif answer.raw:
        pretty = on_terminal() and not as_json
        click.echo(redact(json.dumps(document, ensure_ascii=False, indent=2 if pretty else None)))


def _read(data: str) -> object:
    if data == "-":
        raw = sys.stdin.read().encode()
    else:
        raw = Path(data[1:]).read_bytes() if data.startswith("@") else data.encode()
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        message = f"The body is not JSON: {error}."
        raise click.BadParameter(message, param_hint="--data") from None


def _picked(document: object, path: str) -> object:
    """Return what stands at a path of names and, in lists, numbers: `data.0.id`."""
    found = document
    for step in path.split("."):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step in map(str, range(len(found))):
            found = found[int(step)]
        else:
            raise Stop(Exit.NOT_FOUND, f"The answer holds no {path}")
    return found


def _spelled(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
