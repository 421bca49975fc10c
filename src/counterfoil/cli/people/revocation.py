"""`counterfoil organization revoke-tokens`: every token of the organization ends at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.talking import Options, open_client, writes
from counterfoil.cli.talking.people import agreed, nobody_asks
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import body, resource

if TYPE_CHECKING:
    from counterfoil.cli.output.record import Resource
    from counterfoil.client import Client

_KINDS = {
    "personal_access_tokens": "personal",
    "api_tokens": "API",
    "key_pairs": "key pairs",
    "exchanged_tokens": "exchanged",
}


@click.command()
@click.option("--reason", required=True, help="Why: it stands in the audit trail.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def revoke_tokens(options: Options, *, reason: str, yes: bool) -> None:
    """End every token of the organization now: personal and API tokens, pairs, and their requests.

    It is for when somebody else may have them all. Nothing brings one back; what is made afterwards
    is good. People stay signed in. Without --yes it says how many it would end, and asks; where
    nobody is there to answer it does nothing, which is exit code 7. It needs an admin who signed in
    lately.
    """
    with open_client(options) as client:
        at = revocation_at(client)
        told = _told(resource(client.wire.ask("GET", at)))
        if not (yes or options.dry_run) and (not sys.stdin.isatty() or nobody_asks()):
            raise Stop(
                Exit.CONFLICT,
                f"Nothing was done: this ends {told}.",
                "If that is what you want, say --yes too.",
            )
        agreed(f"End {told}? Nothing brings them back.", yes=yes or options.dry_run)
        sent = body("token_revocation", {"reason": reason})
        answer = client.wire.ask("POST", at, body=sent)
    ended = resource(answer)
    put_changed(ended, answer, f"✓ ended: {_told(ended)}")


def revocation_at(client: Client) -> str:
    """Return where the tokens of the organization are revoked in which the credential speaks."""
    return f"/cma/organizations/{client.whoami().organization}/token_revocation"


def _told(toll: Resource) -> str:
    """Return how many tokens it ends, and of which kinds."""
    facts = toll["attributes"]
    kinds = [f"{facts[name]} {word}" for name, word in _KINDS.items() if facts[name]]
    count = f"{facts['tokens']} token{'' if facts['tokens'] == 1 else 's'}"
    return f"{count} ({', '.join(kinds)})" if kinds else count
