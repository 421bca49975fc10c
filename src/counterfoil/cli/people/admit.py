"""`counterfoil user invite`, `deactivate` and `reactivate`: by an admin, or at the machine.

With `--data-dir` it is done by the operator, in every organization of the installation, without a
server. Otherwise an admin asks the server, and it concerns their organization.
"""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.people.things import USERS
from counterfoil.cli.people.users import put_invitation
from counterfoil.cli.talking import Options, open_client, writes
from counterfoil.cli.talking.receipt import note_changed, put_changed
from counterfoil.cli.talking.things import resource

_HERE = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COUNTERFOIL_DATA_DIR",
    help="At the machine of the server, in this installation. [env: COUNTERFOIL_DATA_DIR]",
)


@click.command()
@click.argument("user")
@_HERE
@writes
def invite(options: Options, *, user: str, data_dir: Path | None) -> None:
    """Give USER a one-time code for a password, shown this once.

    The password that they have, and every session, is over. With --data-dir it is done by hand, for
    whoever no admin may invite: the last admin, and people of several organizations.
    """
    if data_dir is not None:
        from counterfoil.cli.machine import people

        people.invite(user, data_dir, dry_run=options.dry_run)
        return
    with open_client(options) as client:
        answer = client.wire.ask("POST", USERS.at(USERS.id(client, user), "invitation"))
    note_changed(answer, f"✓ {user} is invited; what they signed in with before is over")
    put_invitation(answer.document.get("meta"))


@click.command()
@click.argument("user")
@_HERE
@writes
def deactivate(options: Options, *, user: str, data_dir: Path | None) -> None:
    """Shut USER out: what they made is dead for good.

    With --data-dir it is out of every organization, and no admin can let them in again.
    """
    if data_dir is not None:
        from counterfoil.cli.machine import people

        people.deactivate(user, data_dir, dry_run=options.dry_run)
        return
    _act(options, user, "deactivate", "is shut out")


@click.command()
@click.argument("user")
@_HERE
@writes
def reactivate(options: Options, *, user: str, data_dir: Path | None) -> None:
    """Let USER in again who was shut out."""
    if data_dir is not None:
        from counterfoil.cli.machine import people

        people.reactivate(user, data_dir, dry_run=options.dry_run)
        return
    _act(options, user, "reactivate", "may come in again")


def _act(options: Options, user: str, act: str, done: str) -> None:
    with open_client(options) as client:
        answer = client.wire.ask("POST", USERS.at(USERS.id(client, user), act))
    put_changed(resource(answer), answer, f"✓ {user} {done}")
