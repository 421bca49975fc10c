"""`counterfoil audit tail`: who did what, by which token, on what, with what outcome."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import on_terminal, put_each, put_list
from counterfoil.cli.output.choice import Form, chosen
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.cli.talking.people import People

if TYPE_CHECKING:
    from counterfoil.cli.output.record import More, Resource

_GLANCE_S: Final = 2.0
COLUMNS: Final = "id at user who token_name operation target outcome request_id changed"
SHORT: Final = "when who token_name operation target outcome"
_SECONDS: Final = len("2027-01-31T12:00:00")


@click.command()
@click.option(
    "-n", "--lines", default=20, type=Whole(1, 1000), show_default=True,
    help="So many to begin with.",
)  # fmt: skip
@click.option("-f", "--follow", is_flag=True, help="Go on as entries come.")
@talks
def tail(options: Options, lines: int, follow: bool) -> None:
    """Show the newest entries, the newest last."""
    with open_client(options) as client:
        more = told_of(People(client))
        entries = [entry.source for entry in list(islice(client.audit.entries(), lines))[::-1]]
        if _one_by_one():
            for entry in entries:
                put_each(entry, COLUMNS, more)
        else:
            put_list(entries, COLUMNS, more, short=SHORT)
        seen = {entry["id"] for entry in entries}
        while follow:
            time.sleep(_GLANCE_S)
            fresh = [one.source for one in list(islice(client.audit.entries(), 100))[::-1]]
            for entry in fresh:
                if entry["id"] not in seen:
                    seen.add(entry["id"])
                    put_each(entry, SHORT if on_terminal() else COLUMNS, more)


@click.command()
@click.option(
    "-n", "--minutes", default=20, type=Whole(1, 1000), show_default=True,
    help="So many of the minutes in which there was a refusal, at most.",
)  # fmt: skip
@talks
def refusals(options: Options, minutes: int) -> None:
    """Count who was refused without being anybody: by minute and network, the newest last.

    A wrong or missing token is nobody's, so it stands in no trail; it is counted for 30 days.
    """
    with open_client(options) as client:
        found = list(islice(client.audit.refusals(), minutes))[::-1]
    if chosen().is_data:
        put_list([one.source for one in found], "")
        return
    put_list(
        [
            {"minute": one.at, "network": network, "status": status, "count": count}
            for one in found
            for network, status, count in one.refused
        ],
        "minute network status count",
    )


def told_of(people: People) -> More:
    """Return what is known of an entry beside what it says: names, a short time, its changes."""

    def name(entry: Resource) -> str:
        user = entry["relationships"]["user"]["data"]
        return people.name(user["id"] if user else None)

    def token(entry: Resource) -> object:
        tied = entry["relationships"].get("token", {}).get("data")
        return entry["attributes"].get("token_name") or (f"tok_{tied['id']}" if tied else "")

    def when(entry: Resource) -> str:
        return str(entry["attributes"]["at"])[:_SECONDS].replace("T", " ")

    return {"who": name, "token_name": token, "when": when, "changed": _changed}


def _changed(entry: Resource) -> str:
    """Return what an act changed, in a line: `name: ci → ci-2; scopes: content:read → none`."""
    return "; ".join(
        f"{one['name']}: {_said(one['before'])} → {_said(one['after'])}"
        for one in entry["attributes"].get("changes", ())
    )


def _said(said: object) -> str:
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, list):
        return ", ".join(said) or "none"
    return "unset" if said is None else str(said)


def _one_by_one() -> bool:
    """Say whether entries are told one by one, as they come: to pipes, and to readers of JSON."""
    choice = chosen()
    plain = choice.fields is None and choice.jq is None
    return (choice.form is None and not on_terminal()) or (choice.form is Form.JSON and plain)
