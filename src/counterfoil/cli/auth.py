"""`counterfoil auth`: sign in, see who you are, sign out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import note, places, put_json, spelled, words
from counterfoil.cli.profile import BrokenFileError, Profile
from counterfoil.cli.talking import (
    Options,
    agent,
    bearer,
    open_client,
    server_options,
    taken,
    talks,
    warn_of_argv,
    warn_of_clear_text,
)
from counterfoil.client import Bearer, Client, ClientError
from counterfoil.client.credential import CLI_CLIENT
from counterfoil.client.model import Whoami
from counterfoil.client.surroundings import DEFAULT_URL
from counterfoil.client.wire import origin_of
from counterfoil.kernel.ids import Prefix

_SEVERAL: Final = 2


@click.group()
def auth() -> None:
    """Sign in, see who you are, sign out."""


@auth.command()
@server_options
@click.option("--token", help="Use this token instead of signing in; `-` reads it.")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
def login(
    url: str | None,
    organization: str | None,
    config: Path | None,
    token: str | None,
    no_browser: bool,
) -> None:
    """Sign in by a browser, or keep a token for later commands.

    A token is tried first and stored only if it is good.
    """
    file = Options(config=config).file
    try:
        profile = file.read()
    except BrokenFileError as broken:
        note(f"! {broken}; it is written anew")
        profile = Profile()
    home = url or os.environ.get("COUNTERFOIL_URL") or profile.url or DEFAULT_URL
    warn_of_clear_text(home)
    if origin_of(home) != origin_of(profile.url or DEFAULT_URL):
        profile = Profile()  # what is stored is another server's
    profile = replace(profile, url=home, organization=organization or profile.organization)
    if token is None:
        from counterfoil.cli.loopback import sign_in

        with Client(home, agent=agent()) as client:
            session = sign_in(client, browse=not no_browser)
        profile, credential, who = profile.with_session(session), Bearer(session.access), None
    else:
        warn_of_argv(token)
        secret = taken(token)
        credential = bearer(secret)
        with Client(home, credential, agent=agent()) as client:
            who = client.whoami()
        profile = profile.with_token(secret)
    with file.held():
        file.write(profile)
    note(f"✓ signed in at {home}" + (f" as {who.name}" if who else ""))
    note(f"  stored in {file.path}")
    if not (profile.organization or os.environ.get("COUNTERFOIL_ORGANIZATION")):
        with Client(home, credential, agent=agent()) as client:
            _say_where(_places(client))


@auth.command()
@talks
def status(options: Options, as_json: bool) -> None:
    """Show who you are here, and what you may do now."""
    with open_client(options) as client:
        who = client.whoami()
        url = client.url
        place, user = ("", "") if as_json else (_organization(client, who), _person(client))
    if as_json:
        put_json({"url": url, **who.source})
        return
    for line in _told(url, place, user, who):
        click.echo(line)


def _organization(client: Client, who: Whoami) -> str:
    """Return where the credential speaks here; its id if its name is not to be known."""
    here = who.organization or ""
    return _places(client).get(here) or spelled(Prefix.ORGANIZATION, here)


def _places(client: Client) -> dict[str, str]:
    """Return the organizations where the credential speaks, by id; none if it may not ask."""
    try:
        each = client.wire.ask("GET", "/cma/organizations").data
        return {str(one["id"]): str(one["attributes"]["name"]) for one in each}
    except (ClientError, KeyError, TypeError):
        return {}


def _say_where(places: Mapping[str, str]) -> None:
    """Say that there are several organizations to choose from, and how one is chosen."""
    if len(places) < _SEVERAL:
        return
    note(f"  You are in {len(places)} organizations:")
    for id_, name in places.items():
        note(f"    {spelled(Prefix.ORGANIZATION, id_)}  {name}")
    note("  Say which with --organization, or keep one: counterfoil configure --organization org_…")


def _person(client: Client) -> str:
    """Return whose credential it is; nothing if it is nobody's, or not let in to ask."""
    try:
        said = client.wire.ask("GET", "/cma/users/me").data["attributes"]
        return f"{said['full_name']} ({said['email']})"
    except (ClientError, KeyError, TypeError):
        return ""


def _told(url: str, place: str, user: str, who: Whoami) -> list[str]:
    from counterfoil.cli.output import printable

    rows = [
        ("server", url),
        ("in", place),
        ("user", user),
        ("name", f"{who.name} ({who.kind})"),
        ("token", who.hint),
        ("scopes", words(list(who.scopes))),
        ("roots", places(who.roots)),
        ("surfaces", words(list(who.surfaces))),
        ("expires", who.expires_at or "never"),
    ]
    return [f"{label:<10}{printable(text)}" for label, text in rows if text]


@auth.command()
@click.option("--config", type=click.Path(path_type=Path), help="Another file.")
def logout(config: Path | None) -> None:
    """Forget the stored credential, and end the session at the server."""
    file = Options(config=config).file
    with file.held():
        profile = file.read()
        if profile == profile.without_credential():
            raise Stop(Exit.UNAUTHENTICATED, "Nobody is signed in")
        session = profile.session
        file.write(profile.without_credential())
    if session is not None:
        home = profile.url or DEFAULT_URL
        with suppress(ClientError), Client(home, agent=agent()) as client:
            client.end(session.refresh, CLI_CLIENT)
    note("✓ signed out" if session else "✓ forgotten; the token itself is still in force")
