"""`counterfoil pat edit`, `enable`, `disable` and `delete`: what becomes of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.output import spelled
from counterfoil.cli.pat.make import awaited
from counterfoil.cli.pat.things import PERSONAL
from counterfoil.cli.talking import Options, gathered, open_client, writes
from counterfoil.cli.talking.conditions import conditions
from counterfoil.cli.talking.fate import revoke, switch
from counterfoil.cli.talking.receipt import put_effect
from counterfoil.cli.talking.wanted import SURFACES, Changes, reminders, widened
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client.model import PersonalToken


@click.command()
@click.argument("token")
@click.option("--name", help="Call it this.")
@click.option("--description", help="Say this of it.")
@click.option("--scope", "scopes", multiple=True, help="These scopes instead; may be repeated.")
@click.option("--add-scope", "added", multiple=True, help="This scope too; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that you may do, as long as you may.")
@click.option("--root", "roots", multiple=True, help="These nodes instead; may be repeated.")
@click.option(
    "--surface", "surfaces", multiple=True, type=SURFACES,
    help="These faces of the content instead; may be repeated.",
)  # fmt: skip
@click.option("--expires", help="Sooner than now: `7d`, a date, an instant; never later.")
@click.option("--enable/--disable", "enabled", default=None, help="Switch it on or off.")
@click.option("--reason", help="Why it shall reach further, for whoever approves.")
@click.option("--wait", "waits", is_flag=True, help="Wait for the approval.")
@reminders
@conditions
@writes
@gathered(Changes)
def edit(
    options: Options, changes: Changes, *, token: str, added: tuple[str, ...], waits: bool
) -> int:
    """Change what a token is called, what it may do and until when, or switch it on or off.

    What makes it reach further may wait for approval; all else is done at once. Exit code 8 if
    --wait was told no.
    """
    if added and (changes.scopes or changes.inherit):
        raise click.UsageError("--add-scope adds to what there is: leave --scope and --inherit.")
    attributes = changes.said()
    with open_client(options) as client:
        attributes |= changes.placed(client)
        if not attributes and not added:
            message = "Say what to change: --name, --scope, --root, --expires, --disable, …"
            raise click.UsageError(message)
        seen = client.tokens.get(PERSONAL.id(client, token))
        if added:
            attributes["scopes"] = widened(seen.scopes, added)
        changed = client.tokens.edit(seen.id, version=seen.version, **attributes)
        put_effect(changed.source, changed.effect, *_told(seen, changed))
        asked = changed.request if changed.request != seen.request else None
        return awaited(client, asked, None) if waits and asked else Exit.OK


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN…")
@writes
def enable(options: Options, *, tokens: tuple[str, ...]) -> None:
    """Switch tokens on again, by id or name; their secrets work as before."""
    switch(options, PERSONAL, tokens, on=True)


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN…")
@writes
def disable(options: Options, *, tokens: tuple[str, ...]) -> None:
    """Switch tokens off, by id or name. They are refused everywhere until they are enabled."""
    switch(options, PERSONAL, tokens, on=False)


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN…")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(options: Options, *, tokens: tuple[str, ...], yes: bool) -> None:
    """Revoke tokens, by id or name. They are refused everywhere from then on, for good."""
    revoke(options, PERSONAL, tokens, yes=yes)


def _told(before: PersonalToken, after: PersonalToken) -> list[str]:
    """Say what became of an edit: a request that was not there before waits for approval."""
    if after.request is None or after.request == before.request:
        return [f"✓ {after.spelled} is changed"]
    waits = f"  Wait for the answer: counterfoil pat wait {spelled(Prefix.REQUEST, after.request)}"
    if after.state == "pending":
        told = f"… {after.spelled} is changed; in place of the request before, another one waits"
    else:
        further = "what makes it reach further waits for approval; the rest is done"
        told = f"… {after.spelled}: {further}"
    return [told, waits]
