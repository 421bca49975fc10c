"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import click

from counterfoil.cli.permissions import COLUMNS, permissions
from counterfoil.cli.root import root
from counterfoil.cli.talking import Options, talks
from tools.manual import HEAD
from tools.tracked import ROOT

_NAME: Final = "counterfoil"
_EXIT: Final = re.compile(r'^    ([A-Z_]+) = (\d+)\n(?:    """(.+?)""")?', re.MULTILINE | re.DOTALL)
_NEEDED: Final = (
    "`counterfoil help permissions` prints this table. Of several scopes the one to list serves to"
    " find a thing by its name: who gives its id needs no such scope. Other commands need nothing."
)
_EXITS: Final = ROOT / "src" / "counterfoil" / "cli" / "exits.py"


def commands_page() -> str:
    """Return every command with its arguments and options, and the exit codes."""
    shared = {one.name: one for one in _options(_talking)}
    said = [
        HEAD + "# Commands\n",
        "Results go to standard output: a table on a terminal, tab-separated lines in a pipe, or",
        "what `--json`, `--jq`, `-o` or `-q` say; `--json=name,state` and `-o csv=name,state` are",
        "these fields alone. All else goes to standard error. Neither shows a secret, but for",
        "the one that `pat create`, `pat rotate`, `token create` and `token regenerate` make, what",
        "`auth token` and `api --pick` are asked for, and the one-time codes of",
        "`organization create` and `user invite`. Every command that changes something takes",
        "`--dry-run`: all is looked up, what would be sent is printed, and nothing is sent.",
        "A thing without a verb is listed, where it can be: `counterfoil pat` is `pat list`.\n",
        "## Options of every command that talks to a server\n",
        *_table(shared.values()),
    ]
    for path, command in _leaves(root, (_NAME,)):
        own = _options(command)
        talks_too = shared.keys() <= {one.name for one in own}
        if talks_too:
            own = [one for one in own if one.name not in shared]
        said += [f"\n## {' '.join(path)}\n", f"`{_usage(path, command)}`\n", _told(command)]
        if own:
            said += ["", *_table(own)]
        if talks_too:
            said.append("\nTogether with the [options of every command that talks to a server]"
                        "(#options-of-every-command-that-talks-to-a-server).")  # fmt: skip
    said += ["\n## What each command needs\n", _NEEDED, "", *_permissions()]
    said += ["\n## Exit codes\n", "| code | meaning |", "|---|---|"]
    said += [f"| {code} | {meaning} |" for code, meaning in _exits()]
    return "\n".join(said) + "\n"


def _permissions() -> Iterator[str]:
    """Yield the table that `counterfoil help permissions` prints."""
    yield "| command | scopes | for those of others | surfaces | credentials |"
    yield "|---|---|---|---|---|"
    for needed in permissions():
        cells = (", ".join(needed[name]) or "-" for name in COLUMNS[1:])
        yield f"| `{needed['command']}` | {' | '.join(cells)} |"


def _leaves(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        if found := command.get_command(context, name):
            yield from _leaves(found, (*path, name))


@click.command()
@talks
def _talking(_asked: Options) -> None:
    """Stands for every command that talks to a server."""


def _options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


def _usage(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command)
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    return " ".join([*path, *(one.make_metavar(context) for one in arguments), "[options]"])


def _told(command: click.Command) -> str:
    paragraphs = re.split(r"\n\s*\n", command.help or "")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _table(options: Iterable[click.Option]) -> list[str]:
    rows = [f"| {_spelled(one)} | {_meaning(one)} |" for one in options]
    return ["| option | |", "|---|---|", *rows]


def _spelled(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        return names
    return f"{names} `{option.make_metavar(click.Context(_talking))}`".replace("|", "\\|")


def _meaning(option: click.Option) -> str:
    said = (option.help or "").replace("|", "\\|")
    if option.show_default and isinstance(option.default, str | int):
        said += f" [default: {option.default}]"
    return said.strip()


def _exits() -> Iterator[tuple[int, str]]:
    """Yield each code with the sentence that the source says below it, or else its name."""
    for name, code, told in _EXIT.findall(_EXITS.read_text()):
        yield int(code), " ".join((told or name.replace("_", " ").lower()).split())
