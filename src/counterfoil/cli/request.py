"""`counterfoil request`: decide what others ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import note, on_terminal, places, put_done, put_facts, put_list, words
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, gathered, open_client, talks, writes
from counterfoil.cli.talking.conditions import conditions
from counterfoil.cli.talking.receipt import how_to_prove, numbered, with_proof
from counterfoil.cli.talking.wanted import Bounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterfoil.client import Client
    from counterfoil.client.model_requests import TokenRequest

_SEEN = click.option(
    "--version", "seen", type=Whole(1), help="Decide only if it is still this version."
)
_OPEN: Final = "open"
_NEEDS: Final = "two people who approve it"
_BUT: Final = {"all_but_admins": " but those of admins"}
_COLUMNS: Final = (
    "id kind state name requester who asked.scopes asked.roots asked.surfaces justification version"
)


@click.command("list")
@click.option("--state", default="open", help="open, approved, denied, cancelled, lapsed or all.")
@talks
def list_(options: Options, state: str) -> None:
    """List what waits for a decision."""
    with open_client(options) as client:
        found = list(client.token_requests.list(**({} if state == "all" else {"state": state})))
    if on_terminal() and chosen().form is None:
        for one in found:
            put_facts(one.spelled, _facts(one))
        if not found:
            note("nothing here" if state != _OPEN else "nothing waits for a decision")
        return
    who = {str(one.source["id"]): one.who for one in found}
    put_list([one.source for one in found], _COLUMNS, {"who": lambda one: who[str(one["id"])]})


@click.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--scope", "scopes", multiple=True, help="Only these scopes; may be repeated.")
@click.option("--root", "roots", multiple=True, help="Only under these nodes; may be repeated.")
@click.option("--surface", "surfaces", multiple=True, help="Only these surfaces.")
@click.option("--expires", help="Sooner than asked for: `30d`, a date, an instant.")
@click.option("--reason", default="", help="What the requester reads beside it.")
@_SEEN
@conditions
@writes
@gathered(Bounds)
def approve(
    options: Options, narrower: Bounds, *, request_id: str, reason: str, seen: int | None
) -> None:
    """Approve a request, or less than it asks for."""
    attributes = narrower.said() | ({"reason": reason} if reason else {})
    with open_client(options) as client:
        attributes |= narrower.placed(client)
        decided = client.token_requests.approve(
            request_id, _version(client, request_id, seen), attributes
        )
    waits = decided.state == _OPEN
    said = "approved by you, and waits for somebody else to approve it too"
    _put(decided, said if waits else decided.state)


@click.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--reason", required=True, help="Why not; the requester reads it.")
@_SEEN
@writes
def deny(options: Options, request_id: str, reason: str, seen: int | None) -> None:
    """Deny a request, and say why."""
    with open_client(options) as client:
        decided = client.token_requests.deny(request_id, _version(client, request_id, seen), reason)
    _put(decided, decided.state)


def _put(decided: TokenRequest, said: str) -> None:
    """Tell how a request was decided, and how to have the proof of that."""
    entry = decided.audit_event
    told = f"✓ {decided.spelled} is {said}{numbered(entry)}"
    put_done(with_proof(decided.source, entry), told, *how_to_prove(entry))


def _version(client: Client, request_id: str, seen: int | None) -> int:
    """Return the version to decide upon; what stands there now is shown first."""
    if seen is not None:
        return seen
    now = client.token_requests.get(request_id)
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
        ("rule", "; ".join(map(_rule, one.rules))),
        ("needs", _NEEDS if one.missing > 1 else ""),
    ]


def _rule(one: Mapping[str, Any]) -> str:
    """Return which rule of the policy asks for approval, and what of."""
    rule, scopes, value = one["rule"], one["scopes"], one["value"]
    about = {
        "approval": f"every token is approved{_BUT.get(value or '', '')}",
        "approval_scopes": f"{words(scopes)} has to be approved",
        "approval_writes": f"{words(scopes)} may change something",
        "approval_lifetime": "it would live too long",
    }
    follows = "it may hold whatever its owner's roles give"
    said = follows if scopes is None else about.get(rule, rule)
    return f"{said} ({rule}{f'={value}' if value else ''})"
