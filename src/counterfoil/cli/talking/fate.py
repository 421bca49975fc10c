"""What becomes of tokens of either kind by their id or name: switched on and off, revoked."""

from __future__ import annotations

from counterfoil.cli.output import put_done
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking.options import Options
from counterfoil.cli.talking.people import agreed
from counterfoil.cli.talking.reaching import open_client
from counterfoil.cli.talking.things import Things
from counterfoil.kernel.ids import Prefix


def switch(options: Options, things: Things, named: tuple[str, ...], *, on: bool) -> None:
    """Switch tokens on or off; what is not to be found stops it before any is switched."""
    with open_client(options) as client:
        for id_ in [things.id(client, one) for one in named]:
            changed = things.change(client, id_, {"enabled": on})
            put_done(changed, f"✓ {id_of(changed)} is {'enabled' if on else 'disabled'}")


def revoke(options: Options, things: Things, named: tuple[str, ...], *, yes: bool) -> None:
    """Revoke tokens, once that is agreed to."""
    with open_client(options) as client:
        ids = [things.id(client, one) for one in named]
        agreed(f"Revoke {', '.join(named)}? Nothing brings it back.", yes=yes)
        for id_ in ids:
            things.delete(client, id_)
            gone = {"type": things.type, "id": id_, "state": "revoked"}
            put_done(gone, f"✓ {Prefix.TOKEN}_{id_} is revoked")
