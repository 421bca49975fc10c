"""`counterfoil policy`: what tokens may be at all in the organization."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.output import note, put_list, put_one
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.people.things import ROLES
from counterfoil.cli.talking import Options, open_client, talks, writes
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import body, resource, seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterfoil.client import Client

_LISTS: Final = frozenset({"approval_scopes", "token_roles", "ip_ranges"})


@click.command()
@talks
def show(options: Options) -> None:
    """Show the policy, a line for each of its members."""
    with open_client(options) as client:
        found, _match = seen(client.wire.ask("GET", policy_at(client)))
    if chosen().form is not None:
        put_one(found, "id")
        return
    put_list(
        [{"name": name, "value": value} for name, value in found["attributes"].items()],
        "name value",
    )


@click.command("set")
@click.argument("changes", nargs=-1, required=True, metavar="NAME=VALUE…")
@writes
def set_(options: Options, *, changes: tuple[str, ...]) -> None:
    """Change members of the policy: `quota=7 lifetime_max=P1Y allow_no_expiration=false`.

    `null` takes a bound away. It needs a person who signed in lately, and binds from now on.
    Lists have commas: `token_roles=admin,developer approval_scopes=content:publish`.
    """
    with open_client(options) as client:
        attributes = changed_by(client, changes)
        at = policy_at(client)
        before, match = seen(client.wire.ask("GET", at))
        answer = client.wire.ask(
            "PATCH",
            at,
            body=body("token_policy", attributes, None, before["id"]),
            headers=match,
        )
    changed = resource(answer)
    put_changed(changed, answer, "✓ the policy is changed")
    for name in attributes:
        note(f"  {name}: {before['attributes'].get(name)} → {changed['attributes'].get(name)}")


def policy_at(client: Client) -> str:
    """Return where the policy of the organization stands in which the credential speaks."""
    return f"/cma/organizations/{client.whoami().organization}/token_policy"


def changed_by(client: Client, changes: Sequence[str]) -> dict[str, Any]:
    """Return what is to change, by member; roles are named, or known by their ids."""
    attributes = dict(map(change, changes))
    roles = attributes.get("token_roles")
    if roles is not None:
        attributes["token_roles"] = [ROLES.id(client, str(one)) for one in roles]
    return attributes


def change(text: str) -> tuple[str, Any]:
    """Return the member of the policy that is named, and its value."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"{text!r} is no NAME=VALUE.")
    if name in _LISTS and value != "null" and not value.startswith("["):
        return name, [one.strip() for one in value.split(",")]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
