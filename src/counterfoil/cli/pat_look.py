"""`counterfoil pat list` and `pat show`: which tokens you have."""

from __future__ import annotations

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import places, put_json, put_rows, words
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.client import Client
from counterfoil.client.model import PersonalToken
from counterfoil.kernel.ids import Prefix

_DIGITS = 16


@click.command("list")
@talks
def list_(options: Options, as_json: bool) -> None:
    """List your tokens in this organization."""
    with open_client(options) as client:
        tokens = list(client.personal_tokens())
    if as_json:
        put_json([token.source for token in tokens])
        return
    put_rows(
        ("ID", "NAME", "TOKEN", "STATE", "SCOPES", "ROOTS", "EXPIRES", "LAST USED"),
        [
            (
                token.spelled,
                token.name,
                token.hint,
                token.state,
                "inherit" if token.scopes is None else words(token.scopes),
                places(token.roots),
                token.expires_at or "never",
                token.last_used_at or "never",
            )
            for token in tokens
        ],
    )


@click.command()
@click.argument("token")
@talks
def show(options: Options, as_json: bool, token: str) -> None:
    """Show one token, by id or name."""
    with open_client(options) as client:
        found = client.personal_token(find(client, token))
    if as_json:
        put_json(found.source)
        return
    put_rows(
        ("", ""),
        [
            ("id", found.spelled),
            ("name", found.name),
            ("token", found.hint),
            ("state", found.state),
            ("scopes", "inherit" if found.scopes is None else words(found.scopes)),
            ("roots", places(found.roots)),
            ("surfaces", words(found.surfaces)),
            ("last used", _last_use(found)),
            ("expires", found.expires_at or "never"),
        ],
    )


def _last_use(token: PersonalToken) -> str:
    """Say when, by which client and from which network."""
    if token.last_used_at is None:
        return "never"
    return f"{token.last_used_at} by {token.last_client} from {token.last_network}"


def find(client: Client, token: str) -> str:
    """Return the id of a token that is named by id or by name."""
    digits = token.removeprefix(f"{Prefix.TOKEN}_")
    if len(digits) == _DIGITS and digits.isdigit():
        return digits
    found = [one for one in client.personal_tokens() if one.name == token]
    live = [one for one in found if one.state in {"active", "pending", "disabled"}] or found
    if not live:
        raise Stop(Exit.NOT_FOUND, f"You have no token called {token!r}", "counterfoil pat list")
    if len(live) > 1:
        raise Stop(
            Exit.CONFLICT,
            f"{len(live)} of your tokens are called {token!r}",
            "Name it by id: " + ", ".join(one.spelled for one in live),
        )
    return live[0].id
