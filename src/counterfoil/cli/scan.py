"""`counterfoil scan`: finds tokens where they do not belong, and asks no server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.output import bar, note, output_options, progress, put_list
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.output.reading import under_bar

if TYPE_CHECKING:
    from counterfoil.scan.find import Found
    from counterfoil.scan.history import Kept

_STDIN: Final = "-"
_SCANNING: Final = "Scanning"
_COLUMNS: Final = "place kind hint"
_SHORT: Final = 12


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--history", is_flag=True, help="Also all that the git repository ever kept.")
@click.option("--staged", is_flag=True, help="What git is about to commit, and nothing else.")
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out what this fits; may be repeated."
)
@click.option(
    "--rules",
    type=click.Choice(("gitleaks", "github")),
    help="Print the rules by which another scanner finds them, and scan nothing.",
)
@click.option("--prefix", default="cf", show_default=True, help="Of your tokens, for --rules.")
@output_options
def scan(
    paths: tuple[Path, ...],
    *,
    history: bool,
    staged: bool,
    exclude: tuple[str, ...],
    rules: str | None,
    prefix: str,
) -> int:
    """Find tokens of any Counterfoil in PATHS, in their git history, or in what `-` reads.

    A token is known by its form and its checksum, so examples stay quiet and no server is asked.
    Each is named by its place and its hint. If any is found the exit code is 1; if none is, but
    something could not be read, it is 3.
    """
    if rules is not None:
        _print_rules(rules, prefix)
        return Exit.OK
    if staged and (history or len(paths) > 1):
        message = "--staged looks at one repository, and at nothing else."
        raise click.UsageError(message)
    if not paths and not staged:
        message = "Name what to scan: files, directories, or `-` for standard input."
        raise click.UsageError(message)
    looking = _Looking(exclude)
    if staged:
        found = list(looking.staged(paths[0] if paths else Path()))
    else:
        found = [row for path in paths for row in looking.at(path, history=history)]
    if found or chosen().is_data:
        put_list(found, _COLUMNS)
    if found:
        tokens = _so_many(len({row["hint"] for row in found}), "token")
        places = _so_many(len(found), "place")
        note(f"✗ {tokens} in {places}. Revoke each: `counterfoil pat delete …`.")
        return Exit.FAILED
    what = "what is staged" if staged else _so_many(looking.read, "file")
    if looking.read or not staged:
        note(f"✓ no token in {what}")
    return Exit.CONFIG if looking.unread else Exit.OK


def _so_many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class _Looking:
    """What was read so far, and what could not be."""

    def __init__(self, exclude: tuple[str, ...]) -> None:
        self._exclude = exclude
        self.read = 0
        self.unread = 0

    def at(self, path: Path, *, history: bool) -> Iterator[dict[str, Any]]:
        """Yield what is found at a path, a row for each token."""
        from counterfoil.scan.find import tokens_in

        if str(path) == _STDIN:
            self.read += 1
            with under_bar(sys.stdin.buffer, _SCANNING) as piped:
                for found in tokens_in(piped):
                    yield _row("(standard input)", found)
            return
        yield from self._files(path)
        if history:
            yield from self._history(path if path.is_dir() else path.parent)

    def staged(self, repository: Path) -> Iterator[dict[str, Any]]:
        """Yield what is found in what a repository is about to commit."""
        from counterfoil.scan.git import HistoryError
        from counterfoil.scan.staged import tokens_staged
        from counterfoil.scan.walk import is_left_out

        try:
            for path, found in tokens_staged(repository):
                if not is_left_out(path, self._exclude):
                    yield _row(path, found)
            self.read += 1
        except HistoryError as error:
            self._miss_some(f"What {repository} has staged", str(error))

    def _files(self, path: Path) -> Iterator[dict[str, Any]]:
        from counterfoil.scan.find import tokens_in
        from counterfoil.scan.walk import files_below, reading

        for file in progress(files_below(path, self._exclude, self._miss), _SCANNING):
            try:
                with reading(file) as opened:
                    for found in tokens_in(opened):
                        yield _row(str(file), found)
                self.read += 1
            except OSError as error:
                self._miss(error)

    def _history(self, repository: Path) -> Iterator[dict[str, Any]]:
        """Yield what a repository ever kept; what was found is told, whatever cannot be read."""
        from counterfoil.scan.git import HistoryError
        from counterfoil.scan.history import paths_of, tokens_in_history
        from counterfoil.scan.walk import is_left_out

        kept, lost, paths = list["Kept"](), list[str](), dict[str, str]()
        whole = False
        try:
            with bar() as tell:
                for one in tokens_in_history(repository, lost.append, tell):
                    kept.append(one)
            whole = not lost
            if kept:
                paths |= paths_of(repository, [one.object for one in kept])
        except HistoryError as error:
            self._miss_some(f"The history of {repository}", str(error))
            whole = False
        if lost:
            objects = _so_many(len(lost), "object")
            self._miss_some(f"{objects} of {repository}", f"damaged; {lost[0][:_SHORT]} for one")
        nowhere = "(on no branch)" if whole else "(path unknown)"
        for one in kept:
            if one.object in paths and is_left_out(paths[one.object], self._exclude):
                continue
            where = paths.get(one.object) or ("" if one.type == "blob" else f"({one.type} message)")
            row = _row(f"git:{one.object[:_SHORT]}:{where or nowhere}", one.found)
            yield row | {"object": one.object}

    def _miss(self, error: OSError) -> None:
        self._miss_some(str(error.filename), str(error.strerror))

    def _miss_some(self, what: str, why: str) -> None:
        self.unread += 1
        note(f"! {what} was not read ({why})")


def _row(name: str, found: Found) -> dict[str, Any]:
    place = f"{found.line}:{found.column}" if found.line else f"@{found.offset}"
    return {
        "place": f"{name}:{place}",
        "kind": found.kind,
        "hint": found.hint,
        "path": name,
        "line": found.line,
        "column": found.column,
        "offset": found.offset,
    }


def _print_rules(which: str, prefix: str) -> None:
    from counterfoil.scan.rules import RULES
    from counterfoil.secret import PREFIX_FORM

    if not PREFIX_FORM.fullmatch(prefix):
        message = "A prefix is two to eight small letters, as COUNTERFOIL_PREFIX says."
        raise click.BadParameter(message, param_hint="--prefix")
    click.echo(RULES[which](prefix), nl=False)
