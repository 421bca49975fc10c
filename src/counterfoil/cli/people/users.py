"""`counterfoil user`, over HTTP: who belongs to the organization, and by which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from counterfoil.cli.output import note, put_done, put_list, put_one
from counterfoil.cli.output.record import id_of
from counterfoil.cli.people.things import ORGANIZATIONS, ROLES, USERS
from counterfoil.cli.talking import Options, open_client, talks, writes
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import resource, tie

if TYPE_CHECKING:
    from counterfoil.cli.output.record import Resource
    from counterfoil.client import Client

_COLUMNS = "id name email kind active roles joined_at"


@click.command("list")
@talks
def list_(options: Options) -> None:
    """List the members of the organization."""
    with open_client(options) as client:
        put_list(USERS.each(client), _COLUMNS)


@click.command()
@click.argument("user")
@talks
def show(options: Options, user: str) -> None:
    """Show a member, by e-mail address or id."""
    with open_client(options) as client:
        put_one(USERS.get(client, user)[0], f"{_COLUMNS} is_admin invited")


@click.command()
@click.argument("email")
@click.option("--name", required=True, help="What they are called.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="By name or id; may be repeated."
)
@writes
def add(options: Options, *, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Let somebody in. For who has nothing to sign in with, or must accept, a one-time code.

    The code, and nothing else, goes to standard output, once: hand it on as you would a key.
    """
    with open_client(options) as client:
        held = [tie("role", ROLES.id(client, role)) for role in roles]
        answer = USERS.create(client, {"name": name, "email": email}, {"roles": held})
    made = resource(answer)
    put_done(made, f"✓ {id_of(made)} belongs to the organization")
    put_invitation(answer.document.get("meta"))


@click.command("roles")
@click.argument("user")
@click.option("--role", "roles", multiple=True, help="These roles instead; may be repeated.")
@click.option("--add", "added", multiple=True, help="This role too; may be repeated.")
@click.option("--remove", "removed", multiple=True, help="Not this role; may be repeated.")
@writes
def roles_(
    options: Options,
    *,
    user: str,
    roles: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
) -> None:
    """Change the roles of a member. Every token of theirs follows at once."""
    if bool(roles) == bool(added or removed):
        raise click.UsageError("Say --role for all of them, or --add and --remove.")
    with open_client(options) as client:
        before = _held(USERS.get(client, user)[0])
        wanted = _ids(client, roles) if roles else before + _ids(client, added)
        gone = set(_ids(client, removed))
        held = [tie("role", id_) for id_ in dict.fromkeys(wanted) if id_ not in gone]
        answer = USERS.patch(client, user, {}, {"roles": held})
    changed = resource(answer)
    put_changed(changed, answer, f"✓ {id_of(changed)} has {len(held)} roles")


@click.command("list")
@talks
def organizations(options: Options) -> None:
    """List the organizations where the credential speaks."""
    with open_client(options) as client:
        put_list(ORGANIZATIONS.each(client), "id name created_at")


def put_invitation(meta: object) -> None:
    """Print a one-time code, if there is one to hand on."""
    invitation = meta.get("invitation") if isinstance(meta, dict) else None
    if isinstance(invitation, dict) and isinstance(invitation.get("code"), str):
        click.echo(invitation["code"])
        note(f"  The code is for {invitation.get('url')}, until {invitation.get('expires_at')}.")


def _ids(client: Client, roles: tuple[str, ...]) -> list[str]:
    return [ROLES.id(client, role) for role in roles]


def _held(user: Resource) -> list[str]:
    return [str(one["id"]) for one in user["relationships"]["roles"]["data"]]
