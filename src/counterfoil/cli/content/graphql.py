"""`counterfoil graphql`: one query, by the schema of what the token may read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import put_value
from counterfoil.cli.talking import Options, open_client, writes


@click.command()
@click.option("-q", "--query", required=True, help="The query; `@FILE` and `-` read it.")
@click.option("-v", "--variable", "variables", multiple=True, metavar="NAME=VALUE",
              help="A variable; JSON, or else a string.")  # fmt: skip
@click.option("--preview", is_flag=True, help="Drafts too.")
@click.option("--assets", is_flag=True, help="The API of assets and folders.")
@writes
def graphql(
    options: Options, *, query: str, variables: tuple[str, ...], preview: bool, assets: bool
) -> int:
    """Ask a GraphQL query; the whole answer is printed. Exit code 1 if it holds errors."""
    if preview and assets:
        raise click.UsageError("Choose one: --preview or --assets.")
    path = "/graphql/preview" if preview else "/graphql/assets" if assets else "/graphql"
    body = {"query": _read(query), "variables": dict(map(_variable, variables))}
    with open_client(options) as client:
        document = client.wire.ask("POST", path, body=body).document
    put_value(document)
    return Exit.FAILED if document.get("errors") else Exit.OK


graphql.params = [one for one in graphql.params if "--quiet" not in one.opts]
"""Its `-q` is the query: an answer has no ids to be printed alone."""


def _read(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    if not query.startswith("@"):
        return query
    try:
        return Path(query[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise Stop(Exit.CONFIG, f"{query[1:]} cannot be read ({error.strerror})") from None


def _variable(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is no NAME=VALUE.", param_hint="--variable")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
