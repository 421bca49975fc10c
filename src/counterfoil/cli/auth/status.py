"""`counterfoil auth status`: who you are, what you may do now, and where that is kept."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.auth.ending import left_of
from counterfoil.cli.auth.where import places_of
from counterfoil.cli.output import note, places, put_value, spelled, words
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.output.text import printable
from counterfoil.cli.talking import Options, open_client, server_of, talks
from counterfoil.cli.talking.credential import is_given
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.model import Whoami


_NAMED: Final = 4
_ASKS: Final = {"personal": "pat", "service": "token"}
"""By which command a token of a kind is given more."""


@click.command()
@talks
def status(options: Options) -> None:
    """Show who you are here, and what you may do now."""
    with open_client(options) as client:
        who = client.whoami()
        if chosen().is_data:
            put_value({"url": client.url, **who.source})
            return
        place, user = _organization(client, who), _person(client)
        lacking = _lacking(who)
    kept = _kept(options)
    for label, text in (
        ("server", client.url),
        ("in", place),
        ("user", user),
        ("role", ", ".join(who.roles)),
        ("name", f"{who.name} ({who.kind})"),
        ("token", who.hint),
        ("stored", kept),
        ("scopes", words(list(who.scopes))),
        ("lacks", _in_short(lacking)),
        ("roots", places(who.roots)),
        ("surfaces", words(list(who.surfaces))),
        ("expires", who.expires_at or "never"),
    ):
        if text:
            click.echo(f"{label:<10}{printable(text)}")
    _warn(who)
    if lacking and who.kind in _ASKS:
        token = spelled(Prefix.TOKEN, who.id)
        note(f"! to ask for a scope that it lacks → counterfoil {_ASKS[who.kind]} edit {token} "
             "--add-scope SCOPE")  # fmt: skip


def _organization(client: Client, who: Whoami) -> str:
    """Return where the credential speaks here; its id if its name is not to be known."""
    here = who.organization or ""
    return places_of(client).get(here) or spelled(Prefix.ORGANIZATION, here)


def _lacking(who: Whoami) -> list[str]:
    """Return the scopes that whoever is behind the token has, and the token has nowhere."""
    said = who.source["attributes"].get("lacks")
    return [str(one) for one in said] if isinstance(said, list) else []


def _in_short(names: list[str]) -> str:
    """Return the first of many names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _person(client: Client) -> str:
    """Return whose credential it is; nothing if it is nobody's, or not let in to ask."""
    from counterfoil.client import ClientError

    try:
        said = client.wire.ask("GET", "/cma/users/me").data["attributes"]
        return f"{said['full_name']} ({said['email']})"
    except (ClientError, KeyError, TypeError):
        return ""


def _kept(options: Options) -> str:
    """Say where the credential lies; nothing if it was given for this command alone."""
    if is_given(options, os.environ):
        return ""
    server = server_of(options)
    if server.profile.keyring:
        from counterfoil.cli.profile import vault

        return f"in the keyring ({vault.name()})"
    return f"in the file {server.file.path}"


def _warn(who: Whoami) -> None:
    """Say so if a token ends soon, and what to do then."""
    left = left_of(who)
    if left is not None:
        name = shlex.quote(who.name)
        renew = "pat rotate {} --grace 24h" if who.kind == "personal" else "token create {}"
        note(f"! it ends in {left.days} days → counterfoil {renew.format(name)}")
