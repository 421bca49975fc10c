"""`counterfoil organization`: what no request makes, and the operator makes at the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import (
    code_facts,
    code_told,
    good,
    machine,
    nothing_done,
    settings_of,
)
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import note, output_options, put_facts, put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Conflict, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, RoleId, spell

if TYPE_CHECKING:
    from counterfoil.app.by_hand import Created


@click.command()
@data_dir_option
@click.option("--name", required=True, help="What the organization is called.")
@click.option("--admin-email", required=True, help="Whose it is: by this they sign in.")
@click.option("--admin-name", help="What a new admin is called. [default: by their address]")
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="The policy to begin with: amplience, datocms, dx, squiz or agility.",
)
@dry_run_option
@output_options
def create(
    *,
    data_dir: Path,
    name: str,
    admin_email: str,
    admin_name: str | None,
    preset: str,
    dry_run: bool,
) -> None:
    """Make one more organization in an installation, beside a server that may run.

    Its admin may be somebody whom another organization knows: then they sign in as ever. Who has
    nothing to sign in with gets a one-time code, shown this once, by which they choose a password.
    """
    from counterfoil.app import by_hand
    from counterfoil.directory.rules import preset_named, proper_email, proper_name
    from counterfoil.directory.steps.admit import Newcomer

    settings, called = settings_of(data_dir), admin_name or admin_email
    good("--name", proper_name, name)
    good("--admin-email", proper_email, admin_email)
    good("--admin-name", proper_name, called)
    good("--preset", preset_named, preset)
    with machine():
        newcomer = Newcomer(called, admin_email)
        created = by_hand.create(settings, name, preset, newcomer, dry_run=dry_run)
    if dry_run:
        coded = ", who would get a one-time code" if created.invited else ""
        note(f"… {name} would be founded, administered by {admin_email}{coded}")
        nothing_done()
        return
    founded = created.founded
    if chosen().is_data:
        code = code_told(created.invited, settings.base_url)
        put_value(_told(created, code), secret=code["code"] if code else "")
        return
    note(f"✓ {founded.organization.name} is founded, and {founded.admin.user.name} administers it")
    facts = [("admin", founded.admin.user.email), *code_facts(created.invited, settings.base_url)]
    put_facts(spell(Prefix.ORGANIZATION, founded.organization.id), facts)


@click.command()
@click.argument("named", metavar="ORGANIZATION")
@data_dir_option
@dry_run_option
def lift_provider_only(*, named: str, data_dir: Path, dry_run: bool) -> None:
    """Let people enter an organization again by whatever they sign in with.

    It takes back `provider_only` of its policy, at the machine: for when its provider is gone, or
    nobody who administers it is known there. ORGANIZATION is its id, or its name.
    """
    from counterfoil.app import by_hand

    with machine():
        try:
            name, lifted = by_hand.lift_provider(settings_of(data_dir), named, dry_run=dry_run)
        except NotFound:
            told = (
                f"No organization, or more than one, is called {named}: name it by its id (org_…)"
            )
            raise Stop(Exit.NOT_FOUND, told) from None
    if not lifted:
        note(f"{name} asks nobody for a provider: nothing to do")
    elif dry_run:
        note(f"… {name} would be entered again without a provider")
        nothing_done()
    else:
        note(f"✓ {name} is entered again by whatever people sign in with")


@click.command()
@click.argument("role", metavar="ROLE")
@click.option("--as", "name", required=True, help="Which built-in role it is: admin, developer …")
@data_dir_option
@dry_run_option
def restore_role(*, role: str, name: str, data_dir: Path, dry_run: bool) -> None:
    """Make a role a built-in one again, as every organization begins with it.

    ROLE is its id (rol_…). It is for one that was closed because somebody had changed it in the
    database: the trail says so, and `counterfoil user list` who holds it.
    """
    from counterfoil.app import by_hand

    with machine():
        try:
            id_ = RoleId(ids.read(Prefix.ROLE, role))
            restored, holding = by_hand.restore_role(
                settings_of(data_dir), id_, name, dry_run=dry_run
            )
        except NotFound:
            raise Stop(Exit.NOT_FOUND, f"There is no role {role}: it is rol_…") from None
        except (Invalid, Conflict) as error:
            raise Stop(Exit.USAGE, error.detail) from None
    said = f"the built-in role {restored.name}; members who hold it: {holding}"
    if dry_run:
        note(f"… {role} would be {said}")
        nothing_done()
    else:
        note(f"✓ {role} is {said}")


def _told(created: Created, code: dict[str, str] | None) -> dict[str, object]:
    founded = created.founded
    user = founded.admin.user
    return {
        "organization": {"id": str(founded.organization.id), "name": founded.organization.name},
        "admin": {"id": str(user.id), "name": user.name, "email": user.email},
        "roles": {name: str(role.id) for name, role in founded.roles.items()},
        "invitation": code,
    }
