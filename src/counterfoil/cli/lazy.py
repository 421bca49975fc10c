"""Groups of the command tree, made of data: a command is imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from counterfoil.cli.tree import ELSEWHERE, TREE, Noun, Tree, standing

_ASKED = ["-h", "--help"]
_LIST = "list"
HELP = {"help_option_names": _ASKED}


class Lazy(click.Group):
    """A group that knows its commands by name: a part of the tree, or all of it."""

    tree: Mapping[str, Tree] = TREE
    usual = ""

    @property
    def alone(self) -> str:
        """Which of its commands is meant where a word names none: to list, where it lists."""
        return _LIST if _LIST in self.tree else ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the tree."""
        del ctx
        return list(self.tree)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command; its module is imported now."""
        del ctx
        name = standing(self.tree, cmd_name)
        found = self.tree.get(name)
        if found is None:
            return None
        if isinstance(found, Noun):
            return _noun(name, found)
        module, _, at = found.at.partition(":")
        command: click.Command = getattr(import_module(f"counterfoil.{module}"), at)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take in what was typed; without a command's name, the one is meant that goes alone."""
        if self.alone and (not args or (args[0].startswith("-") and args[0] not in _ASKED)):
            args = [self.alone, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant and what is left for it."""
        known = standing(self.tree, args[0]) in self.tree
        if self.usual and not known and not self.likely(args[0]):  # else one is misspelt
            args = [self.usual, *args]
        try:
            name, command, left = super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{self.likely(args[0])}", ctx) from None
        if command is None or isinstance(command, click.Group) or "--json" not in left:
            return name, command, left
        from counterfoil.cli.output.choice import joined

        return name, command, joined(command, left)

    def likely(self, name: str) -> str:
        """Return what may have been meant, as a sentence after others; empty if nothing is near."""
        from difflib import get_close_matches

        near = self._meant(name) or get_close_matches(name, self.tree)
        return f" Did you mean {' or '.join(near)}?" if near else ""

    def _meant(self, name: str) -> list[str]:
        """Return the commands here that are called otherwise elsewhere."""
        return [one for one in ELSEWHERE.get(name, ()) if one.partition(" ")[0] in self.tree]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, _told(one)) for name, one in self.tree.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete names without importing what they stand for."""
        from click.shell_completion import CompletionItem

        del ctx
        return [
            CompletionItem(name, help=one.told)
            for name, one in self.tree.items()
            if name.startswith(incomplete)
        ]


def _told(one: Tree) -> str:
    """Return what a command does, and by which other word it is known."""
    also = one.also if isinstance(one, Noun) else ""
    return f"{one.told} Also: `{also}`." if also else one.told


def _noun(name: str, found: Noun) -> Lazy:
    listed = "\n\nAlone it is `list`." if _LIST in found.verbs else ""
    group = Lazy(name, help=found.told + listed, context_settings=HELP)
    group.tree, group.usual = found.verbs, found.usual
    return group
