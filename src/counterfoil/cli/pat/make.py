"""`counterfoil pat create`, `rotate` and `wait`: a token is asked for, and somebody says yes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.numbers import Seconds
from counterfoil.cli.output import note, put_one, put_secret, spelled
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.output.put import require_place_for_secret
from counterfoil.cli.pat.things import PERSONAL
from counterfoil.cli.pat.verdict import verdict, waiting
from counterfoil.cli.talking import Options, gathered, open_client, talks, writes
from counterfoil.cli.talking.conditions import conditions
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.cli.talking.receipt import how_to_prove, numbered, with_proof
from counterfoil.cli.talking.things import body, resource
from counterfoil.cli.talking.wanted import SURFACES, Wanted, reminders
from counterfoil.kernel.clock import spell_instant, system_clock
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.model import PersonalToken

_OPEN: Final = "open"
_FIRST_GLANCE_S: Final = 0.5
_LONGEST_GLANCE_S: Final = 10.0


@click.command()
@click.argument("name")
@click.option("--template", help="Begin from one of `counterfoil pat templates`.")
@click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that you may do, as long as you may.")
@click.option("--root", "roots", multiple=True, help="A node by id or /path; may be repeated.")
@click.option(
    "--surface", "surfaces", multiple=True, type=SURFACES,
    help="A face of the content where it works; may be repeated.",
)  # fmt: skip
@click.option("--expires", help="`30d`, `12w`, a date, an instant, or `never`.")
@click.option("--reason", help="Why you need it, for whoever approves.")
@click.option("--wait", "waits", is_flag=True, help="Wait for the approval.")
@reminders
@conditions
@writes
@gathered(Wanted)
def create(options: Options, wanted: Wanted, *, template: str | None, waits: bool) -> int:
    """Request a token called NAME: say where it will be used.

    The secret, and nothing else, goes to standard output, once. Where somebody must approve it
    opens nothing before they do, and the exit code is 8.
    """
    require_place_for_secret()
    attributes = _begun(template) | wanted.said()
    with open_client(options) as client:
        attributes |= wanted.placed(client)
        return _made(client, client.tokens.create(**attributes), waits=waits)


@click.command()
@click.argument("token")
@click.option("--expires", help="When the new one ends. [default: as the policy says]")
@click.option("--grace", help="End the old one so soon: `24h`, `7d`. [default: it goes on]")
@click.option("--reason", help="Why you need it, for whoever approves.")
@click.option("--wait", "waits", is_flag=True, help="Wait for the approval.")
@writes
def rotate(
    options: Options,
    *,
    token: str,
    expires: str | None,
    grace: str | None,
    reason: str | None,
    waits: bool,
) -> int:
    """Make a successor of TOKEN: the same name, scopes and roots, and another secret.

    The old one goes on to its end, or to the end of --grace.
    """
    require_place_for_secret()
    now = system_clock()
    attributes: dict[str, Any] = {"justification": reason} if reason else {}
    if expires:
        attributes["expires_at"] = read_expiry(expires, now)
    ends = read_expiry(grace, now, "--grace") if grace else None
    with open_client(options) as client:
        old = client.tokens.get(PERSONAL.id(client, token))
        path = f"/cma/personal_access_tokens/{old.id}/successor"
        if options.dry_run:
            _rehearse(client, old, ends, lambda: _token(client, path, attributes))
        code = _made(client, _token(client, path, attributes), waits=waits)
        if ends is None:
            note(f"  {old.spelled} goes on; revoke it when it is quiet.")
        elif code == Exit.OK:
            _shorten(client, old, ends)
        else:
            note(f"  {old.spelled} goes on, until the new one is approved.")
    return code


@click.command()
@click.argument("request")
@click.option("--timeout", type=Seconds(), help="Seconds to wait at most.")
@talks
def wait(options: Options, *, request: str, timeout: float | None) -> int:
    """Wait until a request (`req_…`) is decided. Exit code 8 if the answer is no, or none yet."""
    with open_client(options) as client:
        code = awaited(client, request, timeout)
        if chosen().form is not None:
            put_one(client.token_requests.get(request).source, "id name state reason")
    return code


def _begun(template: str | None) -> dict[str, Any]:
    if template is None:
        return {}
    from counterfoil.cli.pat.templates import begun

    return begun(template)


def _token(client: Client, path: str, attributes: dict[str, Any]) -> PersonalToken:
    from counterfoil.client.effect import entry_of
    from counterfoil.client.errors import SecretLost
    from counterfoil.client.model import PersonalToken

    answer = client.wire.create(path, body("personal_access_token", attributes))
    made = PersonalToken.of(resource(answer), audit_event=entry_of(answer))
    if made.secret is None:
        raise SecretLost(f"{made.spelled} was made, but the answer with its secret got lost")
    return made


def _made(client: Client, made: PersonalToken, *, waits: bool) -> int:
    secret = made.secret.reveal() if made.secret else ""
    put_secret(secret, with_proof(made.source, made.audit_event))
    active = made.state == "active"
    stands = "✓ {} is active" if active else "… {} waits for approval and opens nothing before"
    stands = f"{stands.format(made.spelled)}{numbered(made.audit_event)}"
    note(f"{stands}. This is the only time you see its secret:")
    note("  keep it in a secret store, or in a file that only you can read, outside of git.")
    for line in how_to_prove(made.audit_event):
        note(line)
    if not active and made.request:
        note(f"  Wait for the answer: counterfoil pat wait {spelled(Prefix.REQUEST, made.request)}")
    if waits and made.request:
        return awaited(client, made.request, None)
    return Exit.OK if active else Exit.UNAPPROVED


def _rehearse(
    client: Client, old: PersonalToken, ends: str | None, make: Callable[[], object]
) -> None:
    """Tell of both changes, where there would be two."""
    from counterfoil.cli.talking.rehearsal import for_each

    acts = [make]
    if ends is not None:
        acts.append(partial(_shorten, client, old, ends))
    for_each(acts, lambda act: act())


def _shorten(client: Client, old: PersonalToken, ends: str) -> None:
    if old.expires_at and datetime.fromisoformat(old.expires_at) <= datetime.fromisoformat(ends):
        note(f"  {old.spelled} ends by itself before that.")
        return
    client.tokens.edit(old.id, expires_at=ends, version=old.version)
    note(f"  {old.spelled} ends at {spell_instant(datetime.fromisoformat(ends))}.")


def awaited(client: Client, request: str, timeout: float | None) -> int:
    """Wait until a request is decided; return the exit code that says how."""
    end = None if timeout is None else system_clock.seconds() + timeout
    pause = _FIRST_GLANCE_S
    asked = client.token_requests.get(request)
    if asked.state == _OPEN:
        note(waiting(asked))
    while asked.state == _OPEN:
        if end is not None and system_clock.seconds() + pause > end:
            note(f"… {asked.spelled} is not decided yet")
            return Exit.UNAPPROVED
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_GLANCE_S)
        asked = client.token_requests.get(request)
    return verdict(client, asked)
