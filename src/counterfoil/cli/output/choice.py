"""How the reader wants it: `--json[=FIELDS]`, `--jq`, `-o FORM[=FIELDS]`, `-q`.

What is chosen is kept in the context of the command, where all that prints finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_KEY: Final = "output"
_BARE: Final = "--json"


class Form(StrEnum):
    """The forms that there are."""

    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"
    YAML = "yaml"
    NDJSON = "ndjson"
    IDS = "ids"


DATA: Final = frozenset({Form.JSON, Form.YAML, Form.NDJSON})
"""Forms that carry whole resources."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader said; None leaves it to the place."""

    form: Form | None = None
    fields: tuple[str, ...] | None = None
    jq: str | None = None

    @property
    def is_data(self) -> bool:
        """Whether a program reads, which is told its failures as data too."""
        return self.form in DATA

    @property
    def keeps_secret(self) -> bool:
        """Whether a secret that is shown once would be in what is printed."""
        if self.form is None:
            return True
        return self.is_data and (self.fields is None or "token" in self.fields)


def chosen() -> Choice:
    """Return what the command that runs was told."""
    context = click.get_current_context(silent=True)
    said = context.find_root().obj if context else None
    found = said.get(_KEY) if isinstance(said, dict) else None
    return found if isinstance(found, Choice) else Choice()


def output_options(command: F) -> F:
    """Give a command the options that say how it shows what it found."""
    for option in (
        click.option(
            "-q", "--quiet", is_flag=True, expose_value=False, is_eager=True, callback=_quiet,
            help="Print ids alone, one a line.",
        ),
        click.option(
            "-o", "--output", metavar="FORM[=FIELDS]", expose_value=False, is_eager=True,
            callback=_formed, help="table, tsv, csv, yaml, ndjson or json.",
        ),
        click.option(
            "--jq", metavar="FILTER", expose_value=False, is_eager=True, callback=_filtered,
            help="Print what a jq filter makes of the JSON.",
        ),
        click.option(
            _BARE, metavar="[=FIELDS]", is_flag=False, flag_value="", expose_value=False,
            is_eager=True, callback=_json,
            help="Print JSON, also for errors; these fields alone: `--json=name,state`.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def joined(command: click.Command, arguments: Sequence[str]) -> list[str]:
    """Return the arguments with every bare `--json` made whole, so that it takes no argument along.

    A command without arguments of its own also takes fields after a space: `--json name,state`.
    """
    if not any(_BARE in one.opts and one.flag_value == "" for one in _options(command)):
        return list(arguments)  # its --json is its own
    named = any(isinstance(one, click.Argument) for one in command.params)
    left, done = list(arguments), list[str]()
    while left:
        word = left.pop(0)
        if word == "--":
            return [*done, word, *left]
        if word == _BARE:
            takes = left and not named and not left[0].startswith("-")
            word = f"{_BARE}={left.pop(0) if takes else ''}"
        done.append(word)
    return done


def _options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


def _json(ctx: click.Context, _parameter: click.Parameter, said: str | None) -> None:
    if said is not None:
        _choose(ctx, Form.JSON, said)


def _formed(ctx: click.Context, _parameter: click.Parameter, said: str | None) -> None:
    if said is None:
        return
    name, _, fields = said.partition("=")
    if name not in set(Form) - {Form.IDS}:
        message = f"{name!r} is none of table, tsv, csv, yaml, ndjson and json."
        raise click.BadParameter(message, param_hint="-o")
    _choose(ctx, Form(name), fields)


def _quiet(ctx: click.Context, _parameter: click.Parameter, said: bool) -> None:
    if said:
        _choose(ctx, Form.IDS, "")


def _filtered(ctx: click.Context, _parameter: click.Parameter, said: str | None) -> None:
    if said is None:
        return
    known = ctx.find_root().ensure_object(dict)
    before: Choice = known.get(_KEY, Choice())
    if before.form not in {None, Form.JSON}:
        raise click.UsageError("--jq reads JSON: leave the other form away.")
    known[_KEY] = replace(before, form=Form.JSON, jq=said)


def _choose(ctx: click.Context, form: Form, fields: str) -> None:
    known = ctx.find_root().ensure_object(dict)
    before: Choice = known.get(_KEY, Choice())
    if before.form not in {None, form} or (before.jq and form is not Form.JSON):
        raise click.UsageError("Choose one form: --json, -o or -q.")
    named = tuple(name for name in fields.replace(" ", "").split(",") if name)
    known[_KEY] = replace(before, form=form, fields=named or before.fields)
