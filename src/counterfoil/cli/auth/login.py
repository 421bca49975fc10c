"""`counterfoil auth login`: sign in by a browser here or anywhere, or keep a token."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.cli.auth.office import require_office
from counterfoil.cli.auth.where import places_of, say_where
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import note
from counterfoil.cli.profile import BrokenFileError, Profile, ProfileFile
from counterfoil.cli.profile.project import FILE as PROJECT
from counterfoil.cli.profile.project import read_project
from counterfoil.cli.talking import (
    Options,
    agent,
    gathered,
    server_options,
    taken,
    warn_of_argv,
    warn_of_clear_text,
)
from counterfoil.cli.talking.credential import bearer
from counterfoil.cli.talking.people import nobody_asks
from counterfoil.cli.talking.reaching import require_known
from counterfoil.kernel.usual import USUAL_URL

if TYPE_CHECKING:
    from counterfoil.client import Credential, SessionTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """In which way to sign in, and where to keep what comes of it."""

    token: str | None
    with_token: bool
    device: bool
    web: bool
    no_browser: bool
    in_file: bool

    def __post_init__(self) -> None:
        if sum((bool(self.token), self.with_token, self.device, self.web)) > 1:
            raise click.UsageError("Choose one: --token, --with-token, --device or --web.")

    @property
    def given(self) -> str | None:
        """The token to keep; `-` for one on standard input; None to sign in."""
        return "-" if self.with_token else self.token


@click.command()
@server_options
@click.option("--token", help="Keep this token instead of signing in; `-` reads it.")
@click.option("--with-token", is_flag=True, help="Keep the token on standard input.")
@click.option("--web", is_flag=True, help="Sign in by a browser on this machine; this is what is"
              " done unless you say otherwise.")  # fmt: skip
@click.option("--device", is_flag=True, help="Sign in by a browser anywhere, with a code.")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@click.option("--file", "in_file", is_flag=True, help="Keep it in the file, not in the keyring.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored, and where; store nothing.")
@gathered(Options)
@gathered(Way)
def login(options: Options, way: Way) -> None:
    """Sign in by a browser, or keep a token for later commands.

    A token is tried first and stored only if it is good. It is kept in the system's keyring, or
    where there is none in a file that you alone can read.
    """
    file = options.file
    file.name = file.name or read_project(Path()).profile
    profile = _before(file)
    home = _home(options, way, profile)
    warn_of_clear_text(home)
    profile = _bound(profile, home, options.organization)
    if options.dry_run:
        _rehearse(file, home, way)
        return
    if way.given is None:
        session = _sign_in(home, way)
        credential, who = _held(session.access), ""
        profile = profile.with_session(session)
    else:
        warn_of_argv(way.given)
        secret = taken(way.given)
        credential, who = _tried(home, secret)
        profile = profile.with_token(secret)
    _keep(file, replace(profile, keyring=bool(_keyring(way))))
    note(f"✓ signed in at {home}" + (f" as {who}" if who else ""))
    note(f"  stored in {stored_in(file)}")
    if not (profile.organization or os.environ.get("COUNTERFOIL_ORGANIZATION")):
        _say_where(home, credential)


def _rehearse(file: ProfileFile, home: str, way: Way) -> None:
    """Say what would be stored, and where: a token that is good, or a session of who signs in."""
    from counterfoil.client import Client

    if way.given is None:
        _require_somebody()
        with Client(home, agent=agent()) as client:
            require_office(client, by_browser=not way.device)
        note(f"… whoever signs in at {home} would be signed in here")
    else:
        warn_of_argv(way.given)
        _, who = _tried(home, taken(way.given))
        note(f"… it would be signed in at {home} as {who}")
    note(f"  stored in {f'the keyring ({held})' if (held := _keyring(way)) else file.path}")
    note("… a dry run: nothing has changed")


def stored_in(file: ProfileFile) -> str:
    """Say where the credential of a profile lies."""
    profiles = file.read_all()
    if profiles.get(file.name or profiles.current).keyring:
        from counterfoil.cli.profile import vault

        return f"the keyring ({vault.name()})"
    return f"{file.path}"


def _home(options: Options, way: Way, profile: Profile) -> str:
    """Return where to sign in. A project may say so, and is told; it gets no token by its word."""
    named = options.url or os.environ.get("COUNTERFOIL_URL")
    project = read_project(Path())
    if named or project.url is None:
        return named or profile.url or USUAL_URL
    if way.given is not None:
        require_known(project, profile)
    note(f"  ./{PROJECT} says where: {project.url}")
    return project.url


def _before(file: ProfileFile) -> Profile:
    """Return what stands there; its credential is left where it is, for it is about to go."""
    try:
        profiles = file.read_all()
    except BrokenFileError as broken:
        note(f"! {broken}; it is written anew")
        return Profile()
    return profiles.get(file.name or profiles.current).without_credential()


def _bound(profile: Profile, home: str, organization: str | None) -> Profile:
    """Return the profile for a server; what another server's profile says is forgotten."""
    from counterfoil.client.wire import origin_of

    if origin_of(home) != origin_of(profile.url or USUAL_URL):
        profile = Profile()
    return replace(profile, url=home, organization=organization or profile.organization)


def _sign_in(home: str, way: Way) -> SessionTokens:
    from counterfoil.client import Client

    _require_somebody()
    with Client(home, agent=agent()) as client:
        require_office(client, by_browser=not way.device)
        if way.device:
            from counterfoil.cli.auth.device import sign_in_elsewhere

            return sign_in_elsewhere(client)
        from counterfoil.cli.auth.loopback import sign_in

        return sign_in(client, browse=not way.no_browser)


def _require_somebody() -> None:
    if nobody_asks():
        raise Stop(
            Exit.USAGE,
            "Nobody is here to sign in",
            "Keep a token: `counterfoil auth login --with-token`, or set COUNTERFOIL_TOKEN.",
        )


def _held(token: str) -> Credential:
    return bearer(token)


def _tried(home: str, secret: str) -> tuple[Credential, str]:
    from counterfoil.client import Client

    credential = _held(secret)
    with Client(home, credential, agent=agent()) as client:
        return credential, client.whoami().name


def _keyring(way: Way) -> str:
    """Return what the keyring is called that is to hold it; nothing if the file is."""
    from counterfoil.cli.profile import vault

    return "" if way.in_file else vault.name()


def _keep(file: ProfileFile, profile: Profile) -> None:
    with file.held():
        file.write(profile)


def _say_where(home: str, credential: Credential) -> None:
    from counterfoil.client import Client

    with Client(home, credential, agent=agent()) as client:
        say_where(places_of(client))


def config_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command `--config`, and no server: it looks at the file alone."""
    return click.option(
        "--config", type=click.Path(path_type=Path), help="Another file of profiles."
    )(command)
