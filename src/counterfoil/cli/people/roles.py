"""`counterfoil role`: what people may do, by the roles that they hold."""

from __future__ import annotations

import click

from counterfoil.cli.output import put_done, put_list, put_one
from counterfoil.cli.output.record import id_of
from counterfoil.cli.people.things import ROLES
from counterfoil.cli.talking import Options, open_client, talks, writes
from counterfoil.cli.talking.people import agreed
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import resource
from counterfoil.cli.talking.wanted import node_ids

_COLUMNS = "id name scopes roots built_in"
_SCOPE = click.option("--scope", "scopes", multiple=True, help="What it allows; may be repeated.")
_ROOT = click.option("--root", "roots", multiple=True, help="Where: a node by id or /path.")


@click.command("list")
@talks
def list_(options: Options) -> None:
    """List the roles of the organization."""
    with open_client(options) as client:
        put_list(ROLES.each(client), _COLUMNS)


@click.command()
@click.argument("role")
@talks
def show(options: Options, role: str) -> None:
    """Show one role, by name or id."""
    with open_client(options) as client:
        put_one(ROLES.get(client, role)[0], _COLUMNS)


@click.command()
@click.argument("name")
@_SCOPE
@_ROOT
@writes
def create(options: Options, *, name: str, scopes: tuple[str, ...], roots: tuple[str, ...]) -> None:
    """Make a role called NAME."""
    if not scopes:
        raise click.UsageError("Say what it allows: --scope content:read, …")
    attributes: dict[str, object] = {"name": name, "scopes": list(scopes)}
    with open_client(options) as client:
        if roots:
            attributes["roots"] = node_ids(client, roots)
        made = resource(ROLES.create(client, attributes))
    put_done(made, f"✓ {id_of(made)} is made")


@click.command()
@click.argument("role")
@click.option("--name", help="Call it this.")
@_SCOPE
@_ROOT
@click.option("--everywhere", is_flag=True, help="Without any root.")
@writes
def edit(
    options: Options,
    *,
    role: str,
    name: str | None,
    scopes: tuple[str, ...],
    roots: tuple[str, ...],
    everywhere: bool,
) -> None:
    """Change a role. Whoever holds it, and every token of theirs, may do so from now on."""
    attributes: dict[str, object] = {"name": name} if name else {}
    if scopes:
        attributes["scopes"] = list(scopes)
    if everywhere:
        attributes["roots"] = None
    with open_client(options) as client:
        if roots:
            attributes["roots"] = node_ids(client, roots)
        if not attributes:
            raise click.UsageError("Say what to change: --name, --scope, --root, --everywhere.")
        answer = ROLES.patch(client, role, attributes)
    changed = resource(answer)
    put_changed(changed, answer, f"✓ {id_of(changed)} is changed")


@click.command()
@click.argument("role")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(options: Options, *, role: str, yes: bool) -> None:
    """Delete a role that nobody holds, by name or id."""
    with open_client(options) as client:
        id_ = ROLES.id(client, role)
        agreed(f"Delete the role {role}?", yes=yes or options.dry_run)
        answer = ROLES.delete(client, id_)
    put_changed({"type": "role", "id": id_}, answer, f"✓ {ROLES.prefix}_{id_} is deleted")
