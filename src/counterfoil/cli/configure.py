"""`counterfoil configure`: store server and credential; later commands need no flag (A17)."""

from __future__ import annotations

from dataclasses import replace

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import note
from counterfoil.cli.profile import BrokenFileError, Profile, ProfileFile
from counterfoil.cli.talking import (
    DEFAULT_URL,
    Asked,
    credential_options,
    gathered,
    read_token_file,
    server_options,
    taken,
    two_kinds,
    warn_of_argv,
)
from counterfoil.client.credential import usable
from counterfoil.client.wire import origin_of


@click.command()
@server_options
@credential_options
@gathered(Asked)
def configure(asked: Asked) -> None:
    """Store server and credential in a file that you alone can read.

    One kind of credential: a token, or client id and secret. Storing one kind removes the other.
    """
    if not any((asked.url, asked.organization, asked.pat_token, asked.token_file)) and not (
        asked.client_id or asked.client_secret
    ):
        message = "Say what to store: --pat-token, --url, --organization, …"
        raise click.UsageError(message)
    file = asked.file
    with file.held():
        file.write(_changed(_before(file), asked))
    note(f"✓ stored in {file.path}")


def _before(file: ProfileFile) -> Profile:
    try:
        return file.read()
    except BrokenFileError as broken:
        note(f"! {broken}; it is written anew")
        return Profile()


def _changed(profile: Profile, asked: Asked) -> Profile:
    token = asked.pat_token or asked.token_file
    pair = (asked.client_id, asked.client_secret)
    if (token and any(pair)) or (asked.pat_token and asked.token_file):
        raise two_kinds()
    if any(pair) and not all(pair):
        raise Stop(Exit.CONFIG, "Client id and client secret go together", "Give both.")
    if asked.url:
        if origin_of(asked.url) != origin_of(profile.url or DEFAULT_URL):
            profile = profile.without_credential()  # it was for the other server
        profile = replace(profile, url=asked.url)
    if asked.organization:
        profile = replace(profile, organization=usable(asked.organization))
    warn_of_argv(asked.pat_token, asked.client_secret)
    if asked.token_file:
        return profile.with_token(usable(read_token_file(asked.token_file)))
    if asked.pat_token:
        return profile.with_token(usable(taken(asked.pat_token)))
    if asked.client_id and asked.client_secret:
        return profile.with_pair(usable(asked.client_id), usable(taken(asked.client_secret)))
    return profile
