"""`counterfoil token edit`, `enable`, `disable` and `delete`: what becomes of an API token."""

from __future__ import annotations

import click

from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, gathered, open_client, writes
from counterfoil.cli.talking.conditions import conditions
from counterfoil.cli.talking.fate import revoke, switch
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import body, resource
from counterfoil.cli.talking.wanted import SURFACES, widened
from counterfoil.cli.token.things import TOKENS, Terms


@click.command()
@click.argument("token")
@click.option("--name", help="Call it this.")
@click.option("--role", help="By this role's authority instead.")
@click.option("--user", help="By this user's authority instead.")
@click.option("--scope", "scopes", multiple=True, help="These scopes instead; may be repeated.")
@click.option("--add-scope", "added", multiple=True, help="This scope too; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that its role or user may do.")
@click.option("--root", "roots", multiple=True, help="These nodes instead; may be repeated.")
@click.option(
    "--surface", "surfaces", multiple=True, type=SURFACES,
    help="These faces of the content instead; may be repeated.",
)  # fmt: skip
@click.option("--expires", help="Sooner than now: `7d`, a date, an instant; never later.")
@click.option("--description", help="Say this of it.")
@conditions
@writes
@gathered(Terms)
def edit(
    options: Options, terms: Terms, *, token: str, name: str | None, added: tuple[str, ...]
) -> None:
    """Change what an API token is called, what it may do, by whose authority, and until when."""
    if added and (terms.scopes or terms.inherit):
        raise click.UsageError("--add-scope adds to what there is: leave --scope and --inherit.")
    attributes = terms.said() | ({"name": name} if name else {})
    with open_client(options) as client:
        attributes |= terms.placed(client)
        ties = terms.ties(client)
        if not attributes and not ties and not added:
            raise click.UsageError("Say what to change: --name, --scope, --role, --expires, …")
        found, match = TOKENS.get(client, token)
        if added:
            inherits = found["attributes"].get("scope_mode") == "inherit"
            before = None if inherits else found["attributes"].get("scopes")
            attributes["scopes"] = widened(before, added)
        answer = client.wire.ask(
            "PATCH",
            TOKENS.at(found["id"]),
            body=body("api_token", attributes, ties, found["id"]),
            headers=match,
        )
    changed = resource(answer)
    put_changed(changed, answer, f"✓ {id_of(changed)} is changed")


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN…")
@writes
def enable(options: Options, *, tokens: tuple[str, ...]) -> None:
    """Switch API tokens on again, by id or name; their secrets work as before."""
    switch(options, TOKENS, tokens, on=True)


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN…")
@writes
def disable(options: Options, *, tokens: tuple[str, ...]) -> None:
    """Switch API tokens off, by id or name. They are refused everywhere until they are enabled."""
    switch(options, TOKENS, tokens, on=False)


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN…")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(options: Options, *, tokens: tuple[str, ...], yes: bool) -> None:
    """Revoke API tokens, by id or name. They are refused everywhere from then on, for good."""
    revoke(options, TOKENS, tokens, yes=yes)
