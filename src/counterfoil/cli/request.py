"""`counterfoil request`: decide what others ask for."""

from __future__ import annotations

from typing import Final

import click

from counterfoil.cli.output import (
    note,
    on_terminal,
    places,
    put_facts,
    put_json,
    put_rows,
    spelled,
    words,
)
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.wanted import Bounds
from counterfoil.client import Client
from counterfoil.client.model import TokenRequest
from counterfoil.kernel.ids import Prefix

_SEEN = click.option("--version", "seen", type=int, help="Decide only if it is still this version.")
_OPEN: Final = "open"
_HEADINGS: Final = (
    "ID", "KIND", "STATE", "NAME", "USER", "WHO", "SCOPES", "ROOTS", "SURFACES", "WHY", "VERSION",
)  # fmt: skip


@click.group()
def request() -> None:
    """Requests for tokens: list, approve, deny."""


@request.command("list")
@click.option("--state", default="open", help="open, approved, denied, cancelled, lapsed or all.")
@talks
def list_(options: Options, as_json: bool, state: str) -> None:
    """List what waits for a decision."""
    with open_client(options) as client:
        found = list(client.requests(**({} if state == "all" else {"state": state})))
        if on_terminal() and not as_json:
            for one in found:
                put_facts(one.spelled, _facts(one))
            if not found:
                note("nothing here" if state != _OPEN else "nothing waits for a decision")
            return
    if as_json:
        put_json([one.source for one in found])
        return
    put_rows(
        _HEADINGS,
        [
            (
                one.spelled,
                one.kind,
                one.state,
                one.name,
                spelled(Prefix.USER, one.requester),
                one.who,
                words(one.asked.get("scopes")),
                places(one.asked.get("roots")),
                words(one.asked.get("surfaces")),
                one.justification,
                one.version,
            )
            for one in found
        ],
    )


@request.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--scope", "scopes", multiple=True, help="Only these scopes; may be repeated.")
@click.option("--root", "roots", multiple=True, help="Only under these nodes; may be repeated.")
@click.option("--surface", "surfaces", multiple=True, help="Only these surfaces.")
@click.option("--expires", help="Sooner than asked for: `30d`, a date, an instant.")
@_SEEN
@talks
@gathered(Bounds)
def approve(
    options: Options, narrower: Bounds, *, as_json: bool, request_id: str, seen: int | None
) -> None:
    """Approve a request, or less than it asks for."""
    attributes = narrower.said()
    with open_client(options) as client:
        attributes |= narrower.placed(client)
        decided = client.approve(request_id, _version(client, request_id, seen), attributes)
    _told(decided, as_json=as_json)


@request.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--reason", required=True, help="Why not; the requester reads it.")
@_SEEN
@talks
def deny(options: Options, as_json: bool, request_id: str, reason: str, seen: int | None) -> None:
    """Deny a request, and say why."""
    with open_client(options) as client:
        decided = client.deny(request_id, _version(client, request_id, seen), reason)
    _told(decided, as_json=as_json)


def _version(client: Client, request_id: str, seen: int | None) -> int:
    """Return the version to decide upon; what stands there now is shown first."""
    if seen is not None:
        return seen
    now = client.request(request_id)
    for label, fact in _facts(now):
        if fact:
            note(f"  {label:<10}{fact}")
    return now.version or 1


def _facts(one: TokenRequest) -> list[tuple[str, str]]:
    """Return what is to be decided, as an approver reads it (A8)."""
    new = one.kind == "new"
    asked = one.asked
    return [
        ("who", one.who),
        ("wants", f"{'a token called' if new else 'more for the token'} {one.name}"),
        ("state", "" if one.state == _OPEN else one.state),
        ("scopes", words(asked.get("scopes"))),
        ("roots", places(asked.get("roots"))),
        ("surfaces", words(asked.get("surfaces"))),
        ("until", asked.get("expires_at") or "for ever"),
        ("why", one.justification),
    ]


def _told(decided: TokenRequest, *, as_json: bool) -> None:
    if as_json:
        put_json(decided.source)
    note(f"✓ {decided.spelled} is {decided.state}")
