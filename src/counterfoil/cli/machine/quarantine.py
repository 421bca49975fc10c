"""`counterfoil quarantine`: what a restored installation is in until its operator ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine, nothing_done, settings_of
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import note, output_options, put_facts, put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import gathered
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant, spell_instant
from counterfoil.kernel.errors import Conflict, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, TokenId

if TYPE_CHECKING:
    from counterfoil.app.recover import Choice

_operator = click.option(
    "--operator", required=True, help="Your name: it goes into every organization's audit trail."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is to be revoked before the quarantine ends, as the options say."""

    everything: bool
    keep: tuple[str, ...]
    revoke_since: str | None
    revoke: tuple[str, ...]
    told_all: bool

    def choice(self) -> Choice:
        """Return the one choice that is made.

        Raises:
            Stop: exit 2 for none, or for several.
        """
        from counterfoil.app.recover import Choice

        some = self.revoke_since is not None or bool(self.revoke)
        if sum((self.everything, some, self.told_all)) != 1 or (self.keep and not self.everything):
            raise Stop(
                Exit.USAGE,
                "Choose one: --revoke-all (with --keep), --revoke-since and --revoke, or"
                " --told-all.",
            )
        since, named = _instant(self.revoke_since), _tokens(self.revoke)
        return Choice(self.everything, since, named, _tokens(self.keep))


@click.command()
@data_dir_option
@output_options
def show(data_dir: Path) -> None:
    """Show whether there is a quarantine, and what is known of what was lost."""
    from counterfoil.app import recover

    settings = settings_of(data_dir)
    with machine():
        held = recover.quarantine_of(settings)
    told: dict[str, object] = {"quarantine": held is not None}
    if held is not None:
        told |= {
            "since": spell_instant(held.began_at),
            "copy_position": held.position,
            "copy_at": _spelled(held.at),
            "told_position": held.tail,
            "told_at": _spelled(held.tail_at),
        }
    if chosen().is_data:
        put_value(told)
        return
    if held is None:
        put_facts("no quarantine", [])
        return
    copy = f"ends at position {held.position}, {told['copy_at']}"
    then = "nothing" if held.tail is None else f"up to position {held.tail}, {told['told_at']}"
    since: list[tuple[str, object]] = [("since", told["since"]), ("copy", copy), ("told", then)]
    put_facts("in quarantine: nothing opens", since)


@click.command()
@data_dir_option
@_operator
@dry_run_option
def begin(data_dir: Path, operator: str, *, dry_run: bool) -> None:
    """Begin a quarantine, where other tools than ours put the database back.

    Do so before a server runs on it: `counterfoil restore` does it by itself.
    """
    from counterfoil.app import recover, recover_foreseen

    settings = settings_of(data_dir)
    with machine():
        try:
            if dry_run:
                closed = recover_foreseen.quarantine(settings)
                note(f"… nothing would open in {', '.join(closed)}; everybody would be signed out")
                nothing_done()
                return
            recover.begin_quarantine(settings, operator)
        except Conflict as error:
            raise Stop(Exit.CONFLICT, error.detail) from None
    note("✓ in quarantine: nothing opens, and everybody is signed out")


@click.command()
@data_dir_option
@click.argument("journal", nargs=-1, required=True, type=click.Path(path_type=Path))
@dry_run_option
def replay(data_dir: Path, journal: tuple[Path, ...], *, dry_run: bool) -> None:
    """Tell a restored installation what was revoked since, from journals of revocations.

    Each is the folder of a host: `revocations` in its data directory, or where
    COUNTERFOIL_REVOCATIONS says. Nothing opens by it. Doing it twice does no harm.
    """
    from counterfoil.app import recover

    settings = settings_of(data_dir)
    with machine():
        try:
            told = recover.replay(settings, journal, dry_run=dry_run)
        except Conflict as error:
            raise Stop(Exit.CONFLICT, error.detail) from None
        except recover.JournalError as error:
            raise Stop(Exit.CONFLICT, f"Nothing was told: {error}.") from None
    what = f"told of {told.changes} changes, up to position {told.position}"
    note(f"… it would be {what}" if dry_run else f"✓ {what}")
    note(
        f"! the journal ends at {_spelled(told.at) or 'its beginning'}: "
        "is that when the database was lost? It knows of nothing later."
    )
    if dry_run:
        nothing_done()


@click.command()
@data_dir_option
@_operator
@click.option("--revoke-all", "everything", is_flag=True, help="Every token and every password.")
@click.option("--keep", multiple=True, help="With --revoke-all: a token that stays.")
@click.option("--revoke-since", help="What was made or changed since: 2026-11-26T08:00:00Z.")
@click.option("--revoke", multiple=True, help="A token, by its id; may be repeated.")
@click.option("--told-all", is_flag=True, help="Nothing more: it was told all that was revoked.")
@click.option("--opening", type=Whole(), help="How many tokens open again: as this command tells.")
@dry_run_option
@gathered(Chosen)
def end(
    wanted: Chosen, *, data_dir: Path, operator: str, opening: int | None, dry_run: bool
) -> None:
    """Revoke what you choose, and end the quarantine.

    Without --opening it says what it would do, and does nothing: that is exit code 7, and with
    --dry-run none. Whatever stays opens again, also what somebody revoked after the copy was made
    and nobody told it of.
    """
    from counterfoil.app import recover

    choice = wanted.choice()
    settings = settings_of(data_dir)
    with machine():
        try:
            if opening is not None and not dry_run:
                done = recover.end_quarantine(settings, choice, operator, opening)
                note(f"✓ the quarantine is over; this {done.told}")
                return
            planned = recover.plan_end(settings, choice, opening)
        except Conflict as error:
            raise Stop(Exit.CONFLICT, error.detail) from None
        except (Invalid, NotFound) as error:
            raise Stop(Exit.USAGE, error.detail) from None
    if dry_run:
        note(f"… this {planned.told}")
        nothing_done()
        return
    raise Stop(
        Exit.CONFLICT,
        f"Nothing was done: this {planned.told}.",
        f"If that is what you want, say --opening {planned.opening} too.",
    )


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except Invalid as error:
        raise Stop(Exit.USAGE, f"--revoke-since: {error.detail}") from None


def _tokens(texts: tuple[str, ...]) -> frozenset[TokenId]:
    try:
        return frozenset(TokenId(ids.read(Prefix.TOKEN, text)) for text in texts)
    except NotFound:
        raise Stop(Exit.USAGE, "A token is named by its id: tok_…") from None


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else spell_instant(at)
