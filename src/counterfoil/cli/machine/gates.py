"""`counterfoil gates`: the gates on other hosts, which only the operator lets follow."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine, nothing_done, settings_of
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import note, output_options, put_list
from counterfoil.kernel.clock import read_instant, spell_instant, system_clock
from counterfoil.kernel.errors import Conflict, Invalid, NotFound
from counterfoil.kernel.plain import in_words

if TYPE_CHECKING:
    from datetime import datetime

    from counterfoil.app.gates import Known
    from counterfoil.gates import Gate

_COLUMNS = "name position lag lease heard_at untold told_at missed doubted differs differed_at"
_SHORT = "name position lag lease heard untold told missed doubted differs"
_SPANS: Final = ((2 * 86_400, 86_400, "d"), (2 * 3_600, 3_600, "h"), (120, 60, "min"), (0, 1, "s"))


@click.command()
@data_dir_option
@output_options
def list_(data_dir: Path) -> None:
    """List the gates on other hosts: up to where each follows the feed, and how far that is behind.

    `lease` is `held` where a gate may decide; while it is, what takes power away waits for it.
    `told_at` is when the office last knew all that a gate had decided, and `untold` how many bytes
    more it has to tell; `missed` batches never came, and `doubted` rows are not in the trail.
    `differs` says `history` where a gate was told something that this office has not told, as by a
    copy of it, and `books` where something else stands in what it decides by: it decides nothing.
    """
    from counterfoil.app import gates

    settings = settings_of(data_dir)
    with machine():
        known = gates.enrolled(settings)
    now = system_clock()
    ago = {name: partial(since, f"{name}_at", now) for name in ("heard", "told")}
    put_list([_row(one, known) for one in known.gates], _COLUMNS, ago, short=_SHORT)


@click.command()
@data_dir_option
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write its credential to, which goes to the gate's host and nowhere else.",
)
@dry_run_option
def add(data_dir: Path, name: str, out: Path, *, dry_run: bool) -> None:
    """Let a gate on another host follow the feed, and write its credential to a file.

    Whoever has the file learns who holds which tokens and what they may do, though no token: keep
    it as you keep a password.
    """
    from counterfoil.app import gates

    settings = settings_of(data_dir)
    if out.exists():
        raise Stop(Exit.CONFLICT, f"There is a file {out} already.")
    if not out.parent.is_dir():
        raise Stop(Exit.CONFIG, f"{out} cannot be written: there is no folder {out.parent}")
    if dry_run:
        with _let_in():
            gates.foresee(settings, name)
        note(f"… {name} might follow, by a credential in {out}")
        nothing_done()
        return
    with _let_in():
        credential = gates.add(settings, name)
    try:
        credential.write(out)
    except OSError as error:
        gates.take_away(settings, name)
        raise Stop(Exit.CONFIG, f"{out} cannot be written: {in_words(error)}") from None
    office, credential_file = settings.base_url or "URL", shlex.quote(out.name)
    note(
        f"✓ {name} may follow: counterfoil gate --office {office} "
        f"--credential {credential_file} --data-dir DIRECTORY"
    )


@click.command()
@data_dir_option
@click.argument("name")
@dry_run_option
def remove(data_dir: Path, name: str, *, dry_run: bool) -> None:
    """Shut a gate out: it is told nothing more, and decides nothing after two seconds.

    Where an API asks for a grace, reads go on to pass until that is over, a minute at most.
    """
    from counterfoil.app import gates

    settings = settings_of(data_dir)
    with machine():
        try:
            gate = gates.take_away(settings, name, dry_run=dry_run)
        except NotFound:
            raise Stop(Exit.NOT_FOUND, f"There is no gate called {name}.") from None
    if dry_run:
        note(f"… {name} would be told nothing more, and decide nothing after {_until(gate)}")
        nothing_done()
        return
    note(f"✓ {name} is told nothing more, and decides nothing after {_until(gate)}")


def _until(gate: Gate) -> str:
    """Return after how long it decides nothing: the grace is the longest that it was ever given."""
    reads = f", but for reads in the {gate.grace_s} seconds of a grace"
    return f"two seconds{reads if gate.grace_s else ''}"


@contextmanager
def _let_in() -> Iterator[None]:
    """Turn what stands in the way of a gate's name into a sentence and an exit code."""
    with machine():
        try:
            yield
        except Invalid as error:
            raise Stop(Exit.USAGE, error.detail) from None
        except Conflict as error:
            raise Stop(Exit.CONFLICT, error.detail) from None


def _row(gate: Gate, known: Known) -> dict[str, object]:
    return {
        "name": gate.name,
        "position": gate.position,
        "lag": max(0, known.head - gate.position),
        "lease": "held" if gate.holds else "none",
        "heard_at": _spelled(gate.heard_at),
        "untold": gate.untold,
        "told_at": _spelled(gate.told_at),
        "missed": gate.missed,
        "doubted": gate.doubted,
        "differs": gate.differs,
        "differed_at": _spelled(gate.differed_at),
    }


def since(name: str, now: datetime, row: Mapping[str, Any]) -> str:
    """Return how long ago something was, for whoever looks: the day says nothing of a gate."""
    if row[name] is None:
        return "never"
    seconds = max(0, int((now - read_instant(row[name])).total_seconds()))
    unit, word = next((unit, word) for least, unit, word in _SPANS if seconds >= least)
    return f"{seconds // unit} {word} ago"


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else spell_instant(at)
