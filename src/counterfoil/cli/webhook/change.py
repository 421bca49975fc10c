"""`counterfoil webhook edit`, `enable`, `disable`, `delete` and `resend`: what becomes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from counterfoil.cli.output import note, put_done
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client, writes
from counterfoil.cli.talking.people import agreed
from counterfoil.cli.talking.things import resource
from counterfoil.cli.webhook.things import WEBHOOKS
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

_NAMED = click.argument("named", nargs=-1, required=True, metavar="WEBHOOK…")


@click.command()
@click.argument("webhook")
@click.option("--name", help="Call it this.")
@click.option("--to", "address", help="Tell this address instead; you are its owner then.")
@click.option("--event", "events", multiple=True, help="Of these instead; may be repeated.")
@writes
def edit(
    options: Options,
    *,
    webhook: str,
    name: str | None,
    address: str | None,
    events: tuple[str, ...],
) -> None:
    """Change what a webhook is called, where it goes, and of what it is told."""
    said = {"name": name, "url": address, "events": list(events) or None}
    attributes: dict[str, Any] = {key: one for key, one in said.items() if one is not None}
    if not attributes:
        raise click.UsageError("Say what to change: --name, --to or --event.")
    with open_client(options) as client:
        changed = WEBHOOKS.change(client, webhook, attributes)
    put_done(changed, f"✓ {id_of(changed)} is changed")


@click.command()
@_NAMED
@writes
def enable(options: Options, *, named: tuple[str, ...]) -> None:
    """Switch webhooks on again, by id or name; you are their owner then."""
    _switch(options, named, on=True)


@click.command()
@_NAMED
@writes
def disable(options: Options, *, named: tuple[str, ...]) -> None:
    """Switch webhooks off, by id or name: they are told nothing."""
    _switch(options, named, on=False)


@click.command()
@_NAMED
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(options: Options, *, named: tuple[str, ...], yes: bool) -> None:
    """Delete webhooks, by id or name, with all that they were told."""
    from counterfoil.cli.talking.rehearsal import for_each

    with open_client(options) as client:
        ids = [WEBHOOKS.id(client, one) for one in named]
        agreed(f"Delete {', '.join(named)}?", yes=yes or options.dry_run)
        for_each(ids, lambda id_: _deleted(client, id_))


@click.command()
@click.argument("webhook")
@click.argument("message")
@writes
def resend(options: Options, *, webhook: str, message: str) -> None:
    """Send a message again, under its old id; `counterfoil webhook messages` names them."""
    at = message.removeprefix(f"{Prefix.MESSAGE}_")
    with open_client(options) as client:
        path = WEBHOOKS.at(WEBHOOKS.id(client, webhook), "messages", at, "resend")
        sent = resource(client.wire.ask("POST", path))
    put_done(sent, f"✓ {id_of(sent)} is on its way again")


def _switch(options: Options, named: tuple[str, ...], *, on: bool) -> None:
    from counterfoil.cli.talking.rehearsal import for_each

    with open_client(options) as client:
        ids = [WEBHOOKS.id(client, one) for one in named]
        for_each(ids, lambda id_: _switched(client, id_, on=on))


def _switched(client: Client, id_: str, *, on: bool) -> None:
    changed = WEBHOOKS.change(client, id_, {"enabled": on})
    put_done(changed, f"✓ {id_of(changed)} is {'enabled' if on else 'disabled'}")


def _deleted(client: Client, id_: str) -> None:
    found, match = WEBHOOKS.get(client, id_)
    client.wire.ask("DELETE", WEBHOOKS.at(found["id"]), headers=match)
    note(f"✓ {id_of(found)} is deleted")
