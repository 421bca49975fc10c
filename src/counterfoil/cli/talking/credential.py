"""From where a credential comes: the command line, else the environment, a secret file, a prompt.

What was typed where others can read it, or travels where they can, is said aloud (S16).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import note
from counterfoil.secret import is_placeholder

if TYPE_CHECKING:
    from counterfoil.cli.talking.options import Options
    from counterfoil.client import Bearer, Credential

_MOST_BYTES: Final = 4096


def credential_of(options: Options, environment: Mapping[str, str]) -> Credential | None:
    """Return the credential of the command line, else of the environment, else None.

    A token in a variable goes before the file that another variable names.
    """
    flagged = _by(options.pat_token, options.token_file, options.client_id, options.client_secret)
    if flagged is not None:
        warn_of_argv(options.pat_token, options.client_secret)
        return flagged
    token, named = environment.get("COUNTERFOIL_TOKEN"), environment.get("COUNTERFOIL_TOKEN_FILE")
    return _by(
        token,
        Path(named) if named and not token else None,
        environment.get("COUNTERFOIL_CLIENT_ID"),
        environment.get("COUNTERFOIL_CLIENT_SECRET"),
    )


def is_given(options: Options, environment: Mapping[str, str]) -> bool:
    """Say whether a credential comes from the command line or the environment."""
    names = ("TOKEN", "TOKEN_FILE", "CLIENT_ID", "CLIENT_SECRET")
    flags = (options.pat_token, options.token_file, options.client_id, options.client_secret)
    return any(flags) or any(environment.get(f"COUNTERFOIL_{name}") for name in names)


def _by(
    token: str | None, file: Path | None, client_id: str | None, secret: str | None
) -> Credential | None:
    if sum(map(bool, (token, file, client_id or secret))) > 1:
        raise two_kinds()
    from counterfoil.client import Pair

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
    from counterfoil.client import Bearer

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
    read = "" if sys.stdin is None else sys.stdin.readline(_MOST_BYTES).strip()
    if not read:
        raise Stop(Exit.UNAUTHENTICATED, "There is no token on standard input")
    return read


def read_token_file(path: Path) -> str:
    """Return the token in a file that its owner alone can read (G12b)."""
    from counterfoil.client import CredentialUnusable
    from counterfoil.client.surroundings import token_in

    try:
        return token_in(path)
    except CredentialUnusable as error:
        raise Stop(Exit.CONFIG, str(error)) from None


def warn_of_argv(*secrets: str | None) -> None:
    """Say so when a secret was typed where the whole machine can read it (S16)."""
    if any(secret not in {None, "-"} for secret in secrets):
        note(
            "! a secret on the command line can be seen in `ps` and in the shell's history; prefer"
            " COUNTERFOIL_TOKEN, --token-file, `--pat-token -` or `counterfoil auth login`"
        )


def warn_of_clear_text(url: str) -> None:
    """Say so when a secret is about to travel where others can read along."""
    from counterfoil.client.wire import is_loopback

    if url.startswith("http:") and not is_loopback(url):
        note(f"! {url} is not encrypted: whoever is on the way can read the token")
