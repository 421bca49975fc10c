"""The options that commands have in common, and the two kinds of commands: to look and to write."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from counterfoil.cli.output.choice import output_options
from counterfoil.kernel.usual import USUAL_URL

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from counterfoil.cli.profile import ProfileFile

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about server and credential."""

    url: str | None = None
    organization: str | None = None
    profile: str | None = None
    config: Path | None = None
    pat_token: str | None = None
    token_file: Path | None = None
    client_id: str | None = None
    client_secret: str | None = None
    debug: str | None = None
    dry_run: bool = False

    @property
    def file(self) -> ProfileFile:
        """The file that is meant, seen by the profile that is meant."""
        from counterfoil.cli.profile import ProfileFile

        named = self.config or os.environ.get("COUNTERFOIL_CONFIG")
        return ProfileFile(Path(named) if named else None, self.named_profile)

    @property
    def named_profile(self) -> str | None:
        """The profile that somebody names; None leaves it to the project or the file."""
        return self.profile or os.environ.get("COUNTERFOIL_PROFILE") or None


def server_options(command: F) -> F:
    """Give a command the options that name server, organization, file and profile."""
    for option in (
        click.option("--config", type=click.Path(path_type=Path), help="Another file of profiles."),
        click.option("--profile", help="Another of your profiles."),
        click.option("--organization", help="Which organization, if you are in several."),
        click.option("--url", help=f"The server. [default: {USUAL_URL}]"),
    ):
        command = option(command)
    return command


def credential_options(command: F) -> F:
    """Give a command the options that carry a credential."""
    for option in (
        click.option("--client-secret", "--clientSecret", help="Its secret; `-` reads it."),
        click.option("--client-id", "--clientId", help="The key of a key-and-secret pair."),
        click.option("--token-file", type=click.Path(path_type=Path), help="A file with a token."),
        click.option(
            "--pat-token", "--patToken", help="A token; `-` reads it from standard input."
        ),
    ):
        command = option(command)
    return command


def gathered(
    value: type[DataclassInstance],
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Gather the options that are a value's fields into the next argument of a command."""
    make: Callable[..., object] = value
    names = [field.name for field in fields(value)]

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        @wraps(command)
        def call(*before: object, **options: object) -> R:
            said = {name: options.pop(name) for name in names if name in options}
            return command(*before, make(**said), **options)

        return call

    return decorate


def talks(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command all that it needs to talk to a server, and a say in how it is shown."""
    debug = click.option(
        "--debug", type=click.Choice(("http",)), help="Tell of every request on standard error."
    )
    return server_options(credential_options(output_options(debug(gathered(Options)(command)))))


def writes(command: Callable[..., R]) -> Callable[..., R | None]:
    """Give a command that changes something all that `talks` gives, and `--dry-run`."""

    @wraps(command)
    def rehearse(*before: object, **options: object) -> R | None:
        from counterfoil.cli.talking.rehearsal import Rehearsed, tell

        try:
            return command(*before, **options)
        except Rehearsed as would:
            tell(would)
            return None

    dry = click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
    return talks(dry(rehearse))
