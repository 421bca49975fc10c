"""`counterfoil webhook list`, `show` and `messages`: which there are, and what they were told."""

from __future__ import annotations

import click

from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.cli.talking.things import each
from counterfoil.cli.webhook.things import COLUMNS, MESSAGES, WEBHOOKS


@click.command("list")
@talks
def list_(options: Options) -> None:
    """List the webhooks of the organization."""
    with open_client(options) as client:
        put_list(WEBHOOKS.each(client), COLUMNS, short="id name url standing")


@click.command()
@click.argument("webhook")
@talks
def show(options: Options, webhook: str) -> None:
    """Show one webhook, by id or name; `standing` says why it is told nothing, if it is not."""
    with open_client(options) as client:
        put_one(WEBHOOKS.get(client, webhook)[0], f"{COLUMNS} former_secret_until created_at")


@click.command()
@click.argument("webhook")
@talks
def messages(options: Options, webhook: str) -> None:
    """List what a webhook was told or shall be, the latest first."""
    with open_client(options) as client:
        path = WEBHOOKS.at(WEBHOOKS.id(client, webhook), "messages")
        put_list(each(client, path), MESSAGES, short="id event state tries status failure")
