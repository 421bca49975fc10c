"""What becomes of tokens of either kind by their id or name: switched on and off, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking.options import Options
from counterfoil.cli.talking.people import agreed
from counterfoil.cli.talking.reaching import open_client
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import Things, resource
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client


def switch(options: Options, things: Things, named: tuple[str, ...], *, on: bool) -> None:
    """Switch tokens on or off; what is not to be found stops it before any is switched."""
    from counterfoil.cli.talking.rehearsal import for_each

    with open_client(options) as client:
        ids = [things.id(client, one) for one in named]
        for_each(ids, lambda id_: _switched(client, things, id_, on=on))


def revoke(options: Options, things: Things, named: tuple[str, ...], *, yes: bool) -> None:
    """Revoke tokens, once that is agreed to."""
    from counterfoil.cli.talking.rehearsal import for_each

    with open_client(options) as client:
        ids = [things.id(client, one) for one in named]
        told = f"Revoke {', '.join(named)}? Nothing brings it back."
        agreed(told, yes=yes or options.dry_run)
        for_each(ids, lambda id_: _revoked(client, things, id_))


def _switched(client: Client, things: Things, id_: str, *, on: bool) -> None:
    answer = things.patch(client, id_, {"enabled": on})
    changed = resource(answer)
    put_changed(changed, answer, f"✓ {id_of(changed)} is {'enabled' if on else 'disabled'}")


def _revoked(client: Client, things: Things, id_: str) -> None:
    answer = things.delete(client, id_)
    gone = {"type": things.type, "id": id_, "state": "revoked"}
    put_changed(gone, answer, f"✓ {Prefix.TOKEN}_{id_} is revoked")
