"""`counterfoil api snippet`: what is pasted to put a gate in front of a registered API."""

from __future__ import annotations

from typing import Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import put_list
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import ApiId
from counterfoil.snippets import SNIPPETS, USUAL, Pasted, Whereabouts, pasted

_OPTIONS: Final = {"port": "--port", "upstream": "--upstream", "gate": "--gate",
                   "data_dir": "--data-dir"}  # fmt: skip


@click.command()
@click.argument("named", metavar="API")
@click.argument("kind", metavar="KIND", type=click.Choice(list(SNIPPETS)))
@click.argument("file", metavar="[FILE]", required=False)
@click.option(
    "--upstream", default=USUAL["upstream"], show_default=True, help="Where the API listens."
)
@click.option("--port", default=USUAL["port"], show_default=True, help="Where the proxy listens.")
@click.option(
    "--gate",
    default=USUAL["gate"],
    show_default=True,
    help="Where the gate listens: host:port, or unix:/path.",
)
@click.option(
    "--data-dir",
    envvar="COUNTERFOIL_DATA_DIR",
    default=USUAL["data_dir"],
    show_default=True,
    help="For middleware: where the installation lies. [env: COUNTERFOIL_DATA_DIR]",
)
@talks
def snippet(options: Options, named: str, kind: str, file: str | None, **where: str) -> None:
    """Print what puts a gate in front of a registered API, by id or by name.

    KIND is nginx, caddy, envoy, traefik, or asgi, wsgi, django, fastapi, flask for a line in the
    application itself. Where that is several files, each stands below its name; FILE prints one.
    """
    from counterfoil.cli.api.routes import APIS

    with open_client(options) as client:
        found, _ = APIS.get(client, named)
    try:
        place = Whereabouts(ApiId(int(found["id"])), str(found["attributes"]["name"]), **where)
        texts = pasted(SNIPPETS[kind], place)
    except Invalid as error:
        raise Stop(Exit.USAGE, f"{_OPTIONS[(error.field or '')[1:]]}: {error.detail}") from None
    files = _chosen(texts, kind, file)
    if chosen().is_data:
        put_list([{"name": one.name, "text": one.text} for one in files], "name text")
    elif len(files) == 1:
        click.echo(files[0].text, nl=False)
    else:
        click.echo("\n".join(f"# ---- {one.name}\n{one.text}" for one in files), nl=False)


def _chosen(files: tuple[Pasted, ...], kind: str, file: str | None) -> tuple[Pasted, ...]:
    """Return the file of this name, or all if none is named."""
    found = tuple(one for one in files if file in {None, one.name})
    if not found:
        names = ", ".join(one.name for one in files)
        raise Stop(Exit.USAGE, f"{kind} has no file {file!r}", f"It has {names}.")
    return found
