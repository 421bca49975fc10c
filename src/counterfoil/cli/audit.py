"""`counterfoil audit tail`: who did what, by which token, on what, with what outcome."""

from __future__ import annotations

import time
from typing import Final

import click

from counterfoil.cli.output import on_terminal, put_json, put_rows, spelled
from counterfoil.cli.people import People
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.client.model import AuditEntry
from counterfoil.kernel.ids import Prefix

_GLANCE_S: Final = 2.0
_HEADINGS: Final = ("AT", "USER", "TOKEN", "OPERATION", "TARGET", "OUTCOME")
_IN_A_PIPE: Final = ("AT", "ID", *_HEADINGS[1:], "REQUEST")
_SECONDS: Final = len("2027-01-31T12:00:00")


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("-n", "--lines", default=20, type=click.IntRange(1, 1000), show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Go on as entries come.")
@talks
def tail(options: Options, as_json: bool, lines: int, follow: bool) -> None:
    """Show the newest entries, the newest last."""
    with open_client(options) as client:
        people = People(client)
        entries = client.audit_entries(lines)[::-1]
        _put(entries, people, as_json=as_json)
        seen = {entry.id for entry in entries}
        while follow:
            time.sleep(_GLANCE_S)
            fresh = [entry for entry in client.audit_entries(100)[::-1] if entry.id not in seen]
            seen |= {entry.id for entry in fresh}
            _put(fresh, people, as_json=as_json)


@audit.command()
@click.option("-n", "--minutes", default=20, type=click.IntRange(1, 1000), show_default=True)
@talks
def refusals(options: Options, as_json: bool, minutes: int) -> None:
    """Count who was refused without being anybody: by minute and network, the newest last.

    A wrong or missing token is nobody's, so it stands in no trail; it is counted for 30 days.
    """
    with open_client(options) as client:
        found = client.refusals(minutes)[::-1]
    if as_json:
        put_json([one.source for one in found])
        return
    rows = [(one.at, *each) for one in found for each in one.refused]
    if rows:
        put_rows(("MINUTE", "NETWORK", "STATUS", "COUNT"), rows)


def _put(entries: list[AuditEntry], people: People, *, as_json: bool) -> None:
    if as_json:
        for entry in entries:
            put_json(entry.source)
    elif entries and on_terminal():
        put_rows(_HEADINGS, [_short(entry, people) for entry in entries])
    elif entries:
        put_rows(
            _IN_A_PIPE,
            [
                (
                    entry.at,
                    spelled(Prefix.USER, entry.user),
                    people.name(entry.user),
                    entry.token_name or spelled(Prefix.TOKEN, entry.token),
                    entry.operation,
                    entry.target,
                    entry.outcome,
                    entry.request_id,
                )
                for entry in entries
            ],
        )


def _short(entry: AuditEntry, people: People) -> tuple[str, ...]:
    """Return an entry as it fits on a terminal: seconds, names, and no request id."""
    return (
        entry.at[:_SECONDS].replace("T", " "),
        people.name(entry.user),
        entry.token_name or spelled(Prefix.TOKEN, entry.token),
        entry.operation,
        entry.target,
        entry.outcome,
    )
