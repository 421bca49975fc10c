"""`counterfoil pat`: your personal access tokens."""

from __future__ import annotations

import time
from typing import Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.output import note, put_json, spelled
from counterfoil.cli.pat_look import find, list_, show, usage
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.wanted import SURFACES, Changes, Wanted
from counterfoil.client import Client
from counterfoil.client.model import PersonalToken, TokenRequest
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import Prefix

_OPEN: Final = "open"
_FIRST_GLANCE_S: Final = 0.5
_LONGEST_GLANCE_S: Final = 10.0


@click.group()
def pat() -> None:
    """Your personal access tokens."""


pat.add_command(list_)
pat.add_command(show)
pat.add_command(usage)


@pat.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that you may do, as long as you may.")
@click.option("--root", "roots", multiple=True, help="A node by id or /path; may be repeated.")
@click.option("--surface", "surfaces", multiple=True, type=SURFACES)
@click.option("--expires", help="`30d`, `12w`, a date, an instant, or `never`.")
@click.option("--reason", help="Why you need it, for whoever approves.")
@click.option("--wait", "waits", is_flag=True, help="Wait for the approval.")
@talks
@gathered(Wanted)
def create(options: Options, wanted: Wanted, *, as_json: bool, waits: bool) -> int:
    """Request a token called NAME: say where it will be used.

    The secret, and nothing else, goes to standard output, once. Where somebody must approve it
    opens nothing before they do, and the exit code is 8.
    """
    attributes = wanted.said()
    with open_client(options) as client:
        attributes |= wanted.placed(client)
        made = client.create_personal_token(attributes)
        secret = made.secret.reveal() if made.secret else ""
        if as_json:
            put_json({**made.source, "token": secret})
        else:
            click.echo(secret)
        _announce(made)
        if waits and made.request:
            return _wait(client, made.request, None)
        return Exit.OK if made.state == "active" else Exit.UNAPPROVED


def _announce(made: PersonalToken) -> None:
    active = made.state == "active"
    stands = "✓ {} is active" if active else "… {} waits for approval and opens nothing before"
    note(f"{stands.format(made.spelled)}. This is the only time you see its secret:")
    note("  keep it in a secret store, or in a file that only you can read, outside of git.")
    if not active and made.request:
        note(f"  Wait for the answer: counterfoil pat wait {_request(made.request)}")


def _request(id_: str) -> str:
    return spelled(Prefix.REQUEST, id_)


@pat.command()
@click.argument("token")
@click.option("--name", help="Call it this.")
@click.option("--description", help="Say this of it.")
@click.option("--scope", "scopes", multiple=True, help="These scopes instead; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that you may do, as long as you may.")
@click.option("--root", "roots", multiple=True, help="These nodes instead; may be repeated.")
@click.option("--surface", "surfaces", multiple=True, type=SURFACES)
@click.option("--expires", help="Sooner than now: `7d`, a date, an instant; never later.")
@click.option("--enable/--disable", "enabled", default=None, help="Switch it on or off.")
@talks
@gathered(Changes)
def edit(options: Options, changes: Changes, *, as_json: bool, token: str) -> None:
    """Change what a token is called, what it may do and until when, or switch it on or off.

    What makes it reach further may wait for approval; all else is done at once.
    """
    attributes = changes.said()
    with open_client(options) as client:
        attributes |= changes.placed(client)
        if not attributes:
            message = "Say what to change: --name, --scope, --root, --expires, --disable, …"
            raise click.UsageError(message)
        seen = client.personal_token(find(client, token))
        changed = client.edit_personal_token(seen.id, attributes, seen.version)
    if as_json:
        put_json(changed.source)
    _changed(seen, changed)


def _changed(before: PersonalToken, after: PersonalToken) -> None:
    """Say what became of an edit: a request that was not there before waits for approval."""
    if after.request is None or after.request == before.request:
        note(f"✓ {after.spelled} is changed")
        return
    if after.state == "pending":
        note(f"… {after.spelled} is changed; in place of the request before, another one waits")
    else:
        note(f"… {after.spelled}: what makes it reach further waits for approval; the rest is done")
    note(f"  Wait for the answer: counterfoil pat wait {_request(after.request)}")


@pat.command()
@click.argument("token")
@click.option("--yes", is_flag=True, help="Do not ask.")
@talks
def delete(options: Options, as_json: bool, token: str, yes: bool) -> None:
    """Revoke a token, by id or name. It is refused everywhere from then on, for good."""
    with open_client(options) as client:
        id_ = find(client, token)
        if not yes and _is_asked():
            click.confirm(f"Revoke {token}? Nothing brings it back.", abort=True, err=True)
        client.revoke_personal_token(id_)
    if as_json:
        put_json({"type": "personal_access_token", "id": id_, "state": "revoked"})
    note(f"✓ {Prefix.TOKEN}_{id_} is revoked")


@pat.command()
@click.argument("request")
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to wait at most.")
@talks
def wait(options: Options, as_json: bool, request: str, timeout: float | None) -> int:
    """Wait until a request (`req_…`) is decided. Exit code 8 if the answer is no, or none yet."""
    with open_client(options) as client:
        code = _wait(client, request, timeout)
        if as_json:
            put_json(client.request(request).source)
    return code


def _wait(client: Client, request: str, timeout: float | None) -> int:
    end = None if timeout is None else system_clock.seconds() + timeout
    pause = _FIRST_GLANCE_S
    asked = client.request(request)
    while asked.state == _OPEN:
        if end is not None and system_clock.seconds() + pause > end:
            note(f"… {asked.spelled} is not decided yet")
            return Exit.UNAPPROVED
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_GLANCE_S)
        asked = client.request(request)
    return _verdict(asked)


def _verdict(asked: TokenRequest) -> int:
    if asked.state == "approved":
        note(f"✓ {asked.spelled} is approved; the secret that you hold works now")
        return Exit.OK
    why = asked.source["attributes"].get("reason")
    note(f"✗ {asked.spelled} is {asked.state}" + (f": {why}" if why else ""))
    return Exit.UNAPPROVED


def _is_asked() -> bool:
    """Say whether somebody sits there who can be asked."""
    import os
    import sys

    silent = os.environ.get("CI") or os.environ.get("COUNTERFOIL_NO_INPUT")
    return sys.stdin.isatty() and not silent
