"""`counterfoil configure`: store server and credential; later commands need no flag (A17)."""

from __future__ import annotations

from dataclasses import replace

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note
from counterfoil.cli.profile import BrokenFileError, Profile, ProfileFile
from counterfoil.cli.talking import (
    Options,
    credential_options,
    gathered,
    read_token_file,
    server_options,
    taken,
    two_kinds,
    warn_of_argv,
)
from counterfoil.kernel.usual import USUAL_URL


@click.command()
@server_options
@credential_options
@click.option("--dry-run", is_flag=True, help="Say what would be stored; store nothing.")
@gathered(Options)
def configure(options: Options) -> None:
    """Store server and credential in a file that you alone can read.

    One kind of credential: a token, or client id and secret. Storing one kind removes the other.
    """
    if not any((options.url, options.organization, options.pat_token, options.token_file)) and not (
        options.client_id or options.client_secret
    ):
        message = "Say what to store: --pat-token, --url, --organization, …"
        raise click.UsageError(message)
    file = options.file
    if options.dry_run:
        after = _changed(_before(file), options)
        facts = (after.url or USUAL_URL, after.organization, after.holds)
        note(f"… would be stored in {file.path}: {', '.join(filter(None, facts))}")
        return
    with file.held():
        file.write(_changed(_before(file), options))
    note(f"✓ stored in {file.path}")


def _before(file: ProfileFile) -> Profile:
    try:
        return file.read()
    except BrokenFileError as broken:
        note(f"! {broken}; it is written anew")
        return Profile()


def _changed(profile: Profile, options: Options) -> Profile:
    from counterfoil.client.credential import usable
    from counterfoil.client.wire import origin_of

    token = options.pat_token or options.token_file
    pair = (options.client_id, options.client_secret)
    if (token and any(pair)) or (options.pat_token and options.token_file):
        raise two_kinds()
    if any(pair) and not all(pair):
        raise Stop(Exit.CONFIG, "Client id and client secret go together", "Give both.")
    profile = replace(profile, keyring=False)  # what is configured stands in the file
    if options.url:
        if origin_of(options.url) != origin_of(profile.url or USUAL_URL):
            profile = profile.without_credential()  # it was for the other server
        profile = replace(profile, url=options.url)
    if options.organization:
        profile = replace(profile, organization=usable(options.organization))
    warn_of_argv(options.pat_token, options.client_secret)
    if options.token_file:
        return profile.with_token(usable(read_token_file(options.token_file)))
    if options.pat_token:
        return profile.with_token(usable(taken(options.pat_token)))
    if options.client_id and options.client_secret:
        return profile.with_pair(usable(options.client_id), usable(taken(options.client_secret)))
    return profile
