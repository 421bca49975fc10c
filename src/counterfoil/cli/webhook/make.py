"""`counterfoil webhook create` and `rotate`: a webhook, and another secret for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from counterfoil.cli.output import note, put_secret
from counterfoil.cli.output.put import require_place_for_secret
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client, writes
from counterfoil.cli.talking.things import resource, secret_of
from counterfoil.cli.webhook.things import WEBHOOKS

if TYPE_CHECKING:
    from counterfoil.client.answer import Answer


@click.command()
@click.argument("address", metavar="ADDRESS")
@click.option(
    "--event", "events", multiple=True, required=True,
    help="What it is told of, such as `token.leaked`; may be repeated.",
)  # fmt: skip
@click.option("--name", help="Call it this. [default: its host]")
@click.option("--off", is_flag=True, help="Tell it nothing yet.")
@writes
def create(
    options: Options, *, address: str, events: tuple[str, ...], name: str | None, off: bool
) -> None:
    """Have the server at ADDRESS told what becomes true, but nothing that you may not see.

    The secret by which it knows our messages, and nothing else, goes to standard output, once.
    """
    require_place_for_secret()
    attributes = {"url": address, "events": list(events), "enabled": not off}
    with open_client(options) as client:
        answer = WEBHOOKS.create(client, {**attributes, **({"name": name} if name else {})})
    _shown(answer, "is registered, and is told once of itself")


@click.command()
@click.argument("webhook")
@writes
def rotate(options: Options, *, webhook: str) -> None:
    """Give a webhook another secret. For a day messages are signed with both.

    The new secret, and nothing else, goes to standard output, once.
    """
    require_place_for_secret()
    with open_client(options) as client:
        found, match = WEBHOOKS.get(client, webhook)
        path = WEBHOOKS.at(found["id"], "rotate")
        _shown(client.wire.create(path, None, match), "has another secret")


def _shown(answer: Answer, done: str) -> None:
    made = resource(answer)
    put_secret(secret_of(made, done, "secret"), made, "secret")
    note(f"✓ {id_of(made)} {done}. This is the only time you see its secret:")
    note("  give it to the receiver, which checks `webhook-signature` by it.")
