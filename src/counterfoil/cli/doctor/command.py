"""`counterfoil doctor`: looks at the server from here and, at its machine, at the installation."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Final

import click

from counterfoil.cli.doctor.finding import Finding, Health
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, on_terminal, printable, put_list
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, talks

_TOKEN: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COUNTERFOIL_DATA_DIR",
    help="Look at the installation here too. [env: COUNTERFOIL_DATA_DIR]",
)
@click.option("--proxy", help="Probe a proxy: an address behind it that your token may read.")
@click.option("--stand-in", help="Answer here in place of the API, to see what arrives: HOST:PORT.")
@click.option("--expired", type=_TOKEN, help="A file with a token that has expired.")
@click.option("--outside", type=_TOKEN, help="A file with a token restricted to other nodes.")
@click.option("--limited", type=_TOKEN, help="A file with a token that has a rate of its own.")
@talks
def doctor(
    options: Options,
    data_dir: Path | None,
    proxy: str | None,
    stand_in: str | None,
    **worse: Path | None,
) -> int:
    """Look for what is wrong, and say what mends it; nothing is changed.

    The configuration here, the way to the server, the server, its clock, and the credential; with
    --data-dir, the folder, the settings, the database and the room on the disk. Exit code 1 if
    something is broken.

    With --proxy it sends requests to an API that the gate protects, forged ones among them, and
    says what the proxy lets through. Of those that it lets through, your token sends each. Whether
    a forged name reaches the API is seen only by who is in its place: --stand-in.
    """
    if proxy is None and (stand_in is not None or any(worse.values())):
        raise Stop(Exit.USAGE, "--stand-in, --expired, --outside and --limited go with --proxy")
    from counterfoil.cli.doctor import installation, server

    found: list[Finding] = [] if data_dir is None else list(installation.look(data_dir))
    found += server.look(options)
    if proxy is not None:
        found += _probed(options, proxy, stand_in, worse)
    if chosen().form is None and on_terminal():
        wide = max(len(one.what) for one in found) + 2
        for one in found:
            click.echo(printable(f"{one.health.value} {one.what:<{wide}}{one.seen}"))
            if one.fix:
                click.echo(printable(f"  {'':<{wide}}→ {one.fix}"))
    else:
        put_list([one.record() for one in found], "health what seen fix")
    broken = sum(one.health is Health.BAD for one in found)
    if broken:
        note(f"✗ {broken} of {len(found)} things need mending")
    return Exit.FAILED if broken else Exit.OK


def _probed(
    options: Options, url: str, stand_in: str | None, worse: dict[str, Path | None]
) -> list[Finding]:
    """Return what a proxy lets through, for whoever has a credential."""
    from counterfoil.cli.doctor.proxy import Worse, look
    from counterfoil.cli.doctor.stand_in import standing_in
    from counterfoil.cli.doctor.way import Way
    from counterfoil.cli.talking import agent
    from counterfoil.cli.talking.reaching import credential_for
    from counterfoil.client import Client

    if not url.startswith(("http://", "https://")):
        raise Stop(Exit.USAGE, "--proxy is an address: https://api.example.com/…")
    server, credential = credential_for(options)
    with Client(server.url, agent=agent()) as client:
        token = str(client.wire.run(credential.bearer(client.wire.manners.form)))
    others = Worse(**{name: _token_in(file) for name, file in worse.items() if file})
    with nullcontext() if stand_in is None else standing_in(stand_in) as arrivals:
        return list(look(Way(url), token, others, arrivals))


def _token_in(file: Path) -> str:
    from counterfoil.cli.talking.credential import read_token_file

    token = read_token_file(file)
    if not token.isprintable() or len(token.split()) != 1:
        raise Stop(Exit.CONFIG, f"{file} holds no token")
    return token
