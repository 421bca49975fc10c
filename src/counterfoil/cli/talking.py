"""Commands that talk to a server: their common options, and from where the credential comes.

Flag, else environment, else file. A credential from the file goes to the file's server alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from counterfoil import __version__
from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import json_option, note
from counterfoil.cli.profile import Profile, ProfileFile
from counterfoil.client import (
    Bearer,
    Client,
    Credential,
    CredentialUnusable,
    Kept,
    Pair,
    Session,
    SessionTokens,
)
from counterfoil.client.surroundings import DEFAULT_URL, token_in
from counterfoil.client.wire import is_loopback, origin_of
from counterfoil.secret import is_placeholder

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")

_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about server and credential."""

    url: str | None = None
    organization: str | None = None
    config: Path | None = None
    pat_token: str | None = None
    token_file: Path | None = None
    client_id: str | None = None
    client_secret: str | None = None

    @property
    def file(self) -> ProfileFile:
        """The file that is meant."""
        named = self.config or os.environ.get("COUNTERFOIL_CONFIG")
        return ProfileFile(Path(named) if named else None)


def server_options(command: F) -> F:
    """Give a command the options that name server, organization and file."""
    for option in (
        click.option("--config", type=click.Path(path_type=Path), help="Another file."),
        click.option("--organization", help="Which organization, if you are in several."),
        click.option("--url", help=f"The server. [default: {DEFAULT_URL}]"),
    ):
        command = option(command)
    return command


def credential_options(command: F) -> F:
    """Give a command the options that carry a credential."""
    for option in (
        click.option("--client-secret", "--clientSecret", help="The secret; `-` reads it."),
        click.option("--client-id", "--clientId", help="Of a key-and-secret pair."),
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
            said = {name: options.pop(name) for name in names}
            return command(*before, make(**said), **options)

        return call

    return decorate


def talks(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command all that it needs to talk to a server, and `--json`."""
    return server_options(credential_options(json_option(gathered(Options)(command))))


def open_client(options: Options) -> Client:
    """Return a client for the server and by the credential that apply.

    Raises:
        Stop: exit 3 for a configuration that cannot be used, exit 4 if there is no credential.
    """
    file = options.file
    given = credential_of(options, os.environ)
    # A file that cannot be used is no obstacle to whoever brings all that is needed.
    named = options.url or os.environ.get("COUNTERFOIL_URL")
    profile = Profile() if given and named else file.read()
    url = named or profile.url or DEFAULT_URL
    credential = given or _stored(profile, file, url)
    if credential is None:
        raise Stop(
            Exit.UNAUTHENTICATED,
            "There is no credential",
            "Sign in: `counterfoil auth login`, or set COUNTERFOIL_TOKEN.",
        )
    warn_of_clear_text(url)
    organization = (
        options.organization or os.environ.get("COUNTERFOIL_ORGANIZATION") or profile.organization
    )
    return Client(url, credential, organization=organization, agent=agent())


def credential_of(options: Options, environment: Mapping[str, str]) -> Credential | None:
    """Return the credential of the command line, else of the environment, else None."""
    flagged = _by(options.pat_token, options.token_file, options.client_id, options.client_secret)
    if flagged is not None:
        warn_of_argv(options.pat_token, options.client_secret)
        return flagged
    named = environment.get("COUNTERFOIL_TOKEN_FILE")
    return _by(
        environment.get("COUNTERFOIL_TOKEN"),
        Path(named) if named else None,
        environment.get("COUNTERFOIL_CLIENT_ID"),
        environment.get("COUNTERFOIL_CLIENT_SECRET"),
    )


def _by(
    token: str | None, file: Path | None, client_id: str | None, secret: str | None
) -> Credential | None:
    if sum(map(bool, (token, file, client_id or secret))) > 1:
        raise two_kinds()
    if token:
        return bearer(taken(token))
    if file:
        return bearer(read_token_file(file))
    if client_id and secret:
        return Pair(client_id, taken(secret))
    if client_id or secret:
        raise Stop(Exit.CONFIG, "Client id and client secret go together", "Give both.")
    return None


def two_kinds() -> Stop:
    """Return the refusal of a token and a pair, or two tokens, at once."""
    return Stop(
        Exit.CONFIG,
        "Two kinds of credentials are given at once",
        "Give a token, or a file with one, or client id and secret.",
    )


def bearer(token: str) -> Bearer:
    """Return a token as a credential, with a word if it looks like the example from a page."""
    if is_placeholder(token):
        note("! this looks like a placeholder or a truncated token, not like yours")
    return Bearer(token)


def taken(value: str) -> str:
    """Return a secret option's value, or the first line of standard input for `-`."""
    if value != "-":
        return value.strip()
    if sys.stdin.isatty():
        read: str = click.prompt("Token", hide_input=True, err=True)
        return read.strip()
    return sys.stdin.readline(_MOST_BYTES).strip()


def read_token_file(path: Path) -> str:
    """Return the token in a file that its owner alone can read (G12b)."""
    try:
        return token_in(path)
    except CredentialUnusable as error:
        raise Stop(Exit.CONFIG, str(error)) from None


def _stored(profile: Profile, file: ProfileFile, url: str) -> Credential | None:
    home = profile.url or DEFAULT_URL
    held = profile.pat_token or profile.client_secret or profile.session
    if held and origin_of(home) != origin_of(url):
        raise Stop(
            Exit.CONFIG,
            f"The stored credential is for {home} and is not sent to {url}",
            f"Sign in there: `counterfoil auth login --url {url}`, or set COUNTERFOIL_TOKEN.",
        )
    if profile.pat_token:
        return bearer(profile.pat_token)
    if profile.client_id and profile.client_secret:
        return Pair(profile.client_id, profile.client_secret)
    if profile.session:
        return Session(profile.session, _keeper(file))
    return None


def _keeper(file: ProfileFile) -> Callable[[], AbstractContextManager[Kept]]:
    """Return where a stored session is: one process at a time refreshes it, and writes it down."""

    @contextmanager
    def keep() -> Iterator[Kept]:
        with file.held():
            yield _Filed(file)

    return keep


class _Filed:
    """The session in a profile file, which is held meanwhile."""

    def __init__(self, file: ProfileFile) -> None:
        self._file = file
        self._profile = file.read()

    def tokens(self) -> SessionTokens:
        """Return what is stored now."""
        if self._profile.session is None:
            raise Stop(
                Exit.UNAUTHENTICATED,
                "You have signed out",
                "Sign in: `counterfoil auth login`.",
            )
        return self._profile.session

    def put(self, fresh: SessionTokens, /) -> None:
        """Store what a refresh brought."""
        self._file.write(self._profile.with_session(fresh))


def warn_of_argv(*secrets: str | None) -> None:
    """Say so when a secret was typed where the whole machine can read it (S16)."""
    if any(secret not in {None, "-"} for secret in secrets):
        note(
            "! a secret on the command line can be seen in `ps` and in the shell's history; prefer"
            " COUNTERFOIL_TOKEN, --token-file, `--pat-token -` or `counterfoil auth login`"
        )


def warn_of_clear_text(url: str) -> None:
    """Say so when a secret is about to travel where others can read along."""
    if url.startswith("http:") and not is_loopback(url):
        note(f"! {url} is not encrypted: whoever is on the way can read the token")


def agent() -> str:
    """Return what this program calls itself."""
    return f"counterfoil-cli/{__version__}"
