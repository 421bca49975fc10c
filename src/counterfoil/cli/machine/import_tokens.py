"""`counterfoil token import`: tokens of another system go on, taken over by their hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine, settings_of
from counterfoil.cli.machine.hashes import Numbered, read
from counterfoil.cli.machine.serve import data_dir_option
from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import note, output_options, put_list, spelled
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.output.progress import progress
from counterfoil.cli.talking import gathered
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.cli.talking.wanted import SURFACES
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.errors import CounterfoilError, NotFound
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.app.import_line import Line
    from counterfoil.app.importing import Importer, Outcome

_COLUMNS: Final = "line name id status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What lines do not say for themselves."""

    bits: int | None
    role: str | None
    user: str | None
    scopes: Sequence[str]
    roots: Sequence[str]
    surfaces: Sequence[str]
    expires: str | None

    def said(self) -> dict[str, Any]:
        """Return it as a line would say it; what was not given is left out."""
        if self.role and self.user:
            raise click.UsageError("A token acts by a role or by a user: give one of them.")
        told = asdict(self)
        expires = told.pop("expires")
        if expires:
            told["expires_at"] = read_expiry(expires, system_clock()) or "never"
        return {name: value for name, value in told.items() if value}


@click.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@data_dir_option
@click.option("--organization", help="Of which organization, by name or id, if there are several.")
@click.option("--bits", type=Whole(0, 4096), help="The random bits in each token.")
@click.option("--role", help="By this role's authority, by name or id.")
@click.option("--user", help="By this user's authority, by e-mail address or id.")
@click.option("--scope", "scopes", multiple=True, help="What they may do; may be repeated.")
@click.option("--root", "roots", multiple=True, help="A node by id or /path; may be repeated.")
@click.option(
    "--surface", "surfaces", multiple=True, type=SURFACES,
    help="A face of the content where they work; may be repeated.",
)  # fmt: skip
@click.option("--expires", help="`90d`, `12w`, a date, an instant, or `never`.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each line; keep nothing.")
@output_options
@gathered(Usual)
def import_(
    usual: Usual, *, file: IO[str], data_dir: Path, organization: str | None, dry_run: bool
) -> None:
    """Take over API tokens of another system by their hashes; who has one goes on using it.

    FILE, or `-`, is NDJSON or CSV: name, sha256 (of the whole token, in hex or base64), bits (how
    many random bits are in it; 112 at least), expires_at, role or user, and if need be scopes,
    roots, surfaces, enabled, description and hint. Options say what lines do not.

    At the machine alone, beside a server that may run. If any line is refused, nothing is done.
    """
    lines = read(file, usual.said())
    from counterfoil.app.importing import importing

    settings = settings_of(data_dir)
    with machine():
        try:
            with importing(settings, organization) as importer:
                _import(importer, lines, dry_run=dry_run)
        except NotFound as error:
            raise Stop(Exit.NOT_FOUND, error.detail, "--organization") from None
        except CounterfoilError as error:
            raise Stop(Exit.USAGE, error.detail, "--organization") from None


def _import(importer: Importer, lines: list[Numbered], *, dry_run: bool) -> None:
    tried = _each(lines, "Trying", importer.rehearse)
    refused = sum(outcome.status == "REFUSED" for outcome in tried)
    new = [line for line, outcome in zip(lines, tried, strict=True) if outcome.status == "CREATED"]
    if dry_run or refused:
        _put(lines, tried, made=False)
        if refused:
            raise Stop(
                Exit.FAILED,
                f"{refused} of {len(lines)} lines are refused: nothing is imported",
                "Mend them, then run it again.",
            )
        note(f"✓ {len(new)} tokens would be imported; nothing was changed")
        return
    made = iter(_each(new, "Importing", importer.take_over))
    _put(lines, [next(made) if one.status == "CREATED" else one for one in tried], made=True)
    if not chosen().is_data:
        known = len(lines) - len(new)
        before = f"; {known} were here already" if known else ""
        note(f"✓ {len(new)} tokens are imported into {importer.organization.name}{before}")


def _each(
    lines: list[Numbered], label: str, do: Callable[[Sequence[Line]], list[Outcome]]
) -> list[Outcome]:
    """Do it for so many lines at once as others will wait for."""
    from counterfoil.app.importing import AT_ONCE

    starts = range(0, len(lines), AT_ONCE)
    done: list[Outcome] = []
    for start in progress(starts, label, len(starts)):
        try:
            done += do([one.line for one in lines[start : start + AT_ONCE]])
        except CounterfoilError as error:
            raise Stop(
                Exit.CONFLICT,
                f"{len(done)} are done; then something had changed: {error.detail}",
                "Run it again: what is imported already stays as it is.",
            ) from None
    return done


def _put(lines: list[Numbered], outcomes: list[Outcome], *, made: bool) -> None:
    """Show what became of each line; what was only tried has no id."""
    rows = []
    for one, outcome in zip(lines, outcomes, strict=True):
        stands = outcome.token and (made or outcome.status == "UP-TO-DATE")
        rows.append(
            {
                "line": one.number,
                "name": one.line.name,
                "id": spelled(Prefix.TOKEN, str(outcome.token)) if stands else "",
                "status": outcome.status,
                "detail": outcome.detail,
            }
        )
        if outcome.detail and not chosen().is_data:
            note(f"! line {one.number}: {outcome.detail}")
    put_list(rows, _COLUMNS)
