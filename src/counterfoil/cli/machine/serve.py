"""`counterfoil serve`: run the server, ready when `/readyz` answers 200."""

from __future__ import annotations

import os
from pathlib import Path

import click

from counterfoil.cli.machine.ground import machine
from counterfoil.cli.numbers import Whole


def dry_run_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--dry-run`."""
    told = "Say what would be done; do nothing."
    return click.option("--dry-run", is_flag=True, help=told)(command)


def data_dir_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--data-dir`, by flag or by environment."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="COUNTERFOIL_DATA_DIR",
        required=True,
        help="Where the installation lies. [env: COUNTERFOIL_DATA_DIR]",
    )(command)


@click.command()
@data_dir_option
@click.option("--port", type=Whole(1, 65_535), help="The port to listen at. [default: 8400]")
@click.option("--workers", type=Whole(1, 64), help="Processes. [default: 2]")
@click.option("--host", help="The address to listen at. [default: 127.0.0.1]")
@click.option(
    "--nats",
    help="Where gates on other hosts are told at once what is new: tls://host. [default: nowhere]",
)
@click.option(
    "--nats-credentials",
    type=click.Path(dir_okay=False),
    help="The file by which NATS is entered. [default: none]",
)
@click.option("--join", is_flag=True, help="One more host of an installation that none serves now.")
def serve(
    *,
    data_dir: Path,
    port: int | None,
    workers: int | None,
    host: str | None,
    nats: str | None,
    nats_credentials: str | None,
    join: bool,
) -> None:
    """Run the server until a signal ends it.

    An embedded database is made, or brought up to this version, first. Where nobody is yet, it
    prints a link to standard error with which one begins in a browser, once.

    A host that has never had its database, where that is not the embedded one, begins only while
    another host serves it: it may be a copy that lacks what was revoked since. If it was put back,
    `counterfoil quarantine begin` comes first. --join says that it was not.
    """
    from counterfoil.app import serve as server
    from counterfoil.runtime.settings import PREFIX

    for name, said in (
        ("HOST", host), ("NATS", nats), ("NATS_CREDENTIALS", nats_credentials),
        ("JOIN", "on" if join else None),
    ):  # fmt: skip
        if said is not None:
            os.environ[f"{PREFIX}{name}"] = said
    with machine():
        server.serve(data_dir, port, workers, say=_say)


def _say(text: str) -> None:
    """Say how one begins: the code in it is for whoever reads this, so it is not cut down."""
    click.echo(text, err=True)
