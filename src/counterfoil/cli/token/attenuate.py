"""`counterfoil token attenuate`: a narrower token, for whoever needs less and not for long."""

from __future__ import annotations

from typing import Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import note, put_secret, spelled
from counterfoil.cli.output.put import require_place_for_secret
from counterfoil.cli.talking import Options, writes
from counterfoil.cli.talking.credential import bearer
from counterfoil.cli.talking.reaching import client_by
from counterfoil.cli.talking.wanted import node_ids
from counterfoil.cli.token.ask import client_of
from counterfoil.kernel.ids import Prefix

_MINUTE_S: Final = 60
_LONGEST: Final = 60


@click.command()
@click.argument("token", metavar="[TOKEN|-]", required=False)
@click.option("--scope", "scopes", multiple=True, help="Of its scopes this one; may be repeated.")
@click.option("--root", "roots", multiple=True, help="Below this node; may be repeated.")
@click.option(
    "--minutes",
    type=Whole(1, _LONGEST),
    default=_LONGEST,
    show_default=True,
    help="For so long.",
)
@writes
def attenuate(
    options: Options,
    *,
    token: str | None,
    scopes: tuple[str, ...],
    roots: tuple[str, ...],
    minutes: int,
) -> None:
    """Exchange a personal token for a narrower one, which ends with it. `-` reads it.

    Without TOKEN, the one that commands use. What the token loses, the narrower one has lost. It
    makes nothing of its own and is exchanged for nothing. It alone goes to standard output, once.
    """
    require_place_for_secret()
    with client_of(options, token) as client:
        who = client.whoami()
        if who.kind != "personal":
            raise Stop(
                Exit.FORBIDDEN,
                "Only a personal token is exchanged for a narrower one",
                "Make one: `counterfoil pat create`. What was exchanged is not exchanged again.",
            )
        below = node_ids(client, roots) if roots else None
        made = client.attenuate(scopes=scopes or None, roots=below, life_s=minutes * _MINUTE_S)
        with client_by(options, bearer(made.secret.reveal())) as narrower:
            seen = narrower.whoami()
    put_secret(made.secret.reveal(), seen.source)
    note(f"✓ {spelled(Prefix.TOKEN, seen.id)} is good until {seen.expires_at}, and no longer than"
         f" {who.name}")  # fmt: skip
