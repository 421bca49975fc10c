"""`counterfoil help`: what a command does; with --json the whole tree, for programs and agents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

from counterfoil import __version__
from counterfoil.cli.exits import Exit
from counterfoil.cli.lazy import Lazy
from counterfoil.cli.output import output_options, put_list, put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.permissions import COLUMNS, permissions
from counterfoil.cli.tree import standing

_Path = tuple[str, ...]
_PERMISSIONS: Final = "permissions"


@click.command("help")
@click.argument("path", nargs=-1, metavar="[COMMAND]...")
@output_options
@click.pass_context
def help_(ctx: click.Context, path: _Path) -> None:
    """Say what COMMAND does, or what commands there are.

    With --json it is told for a program: every command at or below COMMAND with its arguments, its
    options, and the scopes that it needs, and what the exit codes mean.

    `help permissions` is the table of commands and what each needs.
    """
    if path == (_PERMISSIONS,):
        put_list(permissions(), " ".join(COLUMNS))
        return
    command, path, where = _found(ctx.find_root(), path)
    if not chosen().is_data:
        click.echo(command.get_help(where))
        return
    commands = [_told(*leaf) for leaf in _leaves(command, path, where)]
    put_value(
        {
            "program": "counterfoil",
            "version": __version__,
            "commands": commands,
            "exit_codes": {int(code): code.name.lower() for code in Exit},
        }
    )


def _found(root: click.Context, said: _Path) -> tuple[click.Command, _Path, click.Context]:
    """Return what stands at a path, the path by the names of the tree, and the context there."""
    command, path, where = root.command, list[str](), root
    for word in said:
        inner = command.get_command(where, word) if isinstance(command, click.Group) else None
        if inner is None:
            likely = command.likely(word) if isinstance(command, Lazy) else ""
            message = f"There is no command {word!r} here.{likely}"
            raise click.UsageError(message)
        path.append(standing(command.tree, word) if isinstance(command, Lazy) else word)
        where = click.Context(inner, info_name=path[-1], parent=where)
        command = inner
    return command, tuple(path), where


def _leaves(
    command: click.Command, path: _Path, where: click.Context
) -> Iterator[tuple[click.Command, _Path, click.Context]]:
    if not isinstance(command, click.Group):
        yield command, path, where
        return
    for name in command.list_commands(where):
        inner = command.get_command(where, name)
        if inner is not None:
            below = click.Context(inner, info_name=name, parent=where)
            yield from _leaves(inner, (*path, name), below)


def _told(command: click.Command, path: _Path, where: click.Context) -> dict[str, Any]:
    from counterfoil.cli.needs import needs_of

    needs = needs_of(" ".join(path))
    return {
        "command": " ".join(path),
        "help": " ".join((command.help or "").split()),
        "arguments": [
            {"name": one.name, "required": one.required, "many": one.nargs == -1}
            for one in command.params
            if isinstance(one, click.Argument)
        ],
        "options": [_option(one, where) for one in command.params if isinstance(one, click.Option)],
        "scopes": sorted({need["scope"] for need in needs if need["scope"]}),
        "needs": needs,
    }


def _option(option: click.Option, where: click.Context) -> dict[str, Any]:
    choices = option.type.choices if isinstance(option.type, click.Choice) else None
    return {
        "names": [*option.opts, *option.secondary_opts],
        "takes": None if option.is_flag else option.make_metavar(where),
        "choices": None if choices is None else list(map(str, choices)),
        "required": option.required,
        "many": option.multiple,
        "help": option.help or "",
    }
