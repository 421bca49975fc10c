"""`counterfoil audit tail`: who did what, by which token, on what, with what outcome."""

from __future__ import annotations

import time
from typing import Final

import click

from counterfoil.cli.output import put_json, put_rows
from counterfoil.cli.talking import Asked, open_client, talks
from counterfoil.client.model import AuditEntry

_GLANCE_S: Final = 2.0
_HEADINGS: Final = ("AT", "USER", "TOKEN", "OPERATION", "TARGET", "OUTCOME", "REQUEST")


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("-n", "--lines", default=20, type=click.IntRange(1, 1000), show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Go on as entries come.")
@talks
def tail(asked: Asked, as_json: bool, lines: int, follow: bool) -> None:
    """Show the newest entries, the newest last."""
    with open_client(asked) as client:
        entries = client.audit_entries(lines)[::-1]
        _put(entries, as_json=as_json)
        seen = {entry.id for entry in entries}
        while follow:
            time.sleep(_GLANCE_S)
            fresh = [entry for entry in client.audit_entries(100)[::-1] if entry.id not in seen]
            seen |= {entry.id for entry in fresh}
            _put(fresh, as_json=as_json)


def _put(entries: list[AuditEntry], *, as_json: bool) -> None:
    if as_json:
        for entry in entries:
            put_json(entry.source)
        return
    if entries:
        put_rows(
            _HEADINGS,
            [
                (
                    entry.at,
                    entry.user,
                    entry.token_name or entry.token,
                    entry.operation,
                    entry.target,
                    entry.outcome,
                    entry.request_id,
                )
                for entry in entries
            ],
        )
