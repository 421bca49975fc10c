"""The list of tokens as a file, for a spreadsheet: what the page would show, whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.tokens.show import Seen, list_tokens
from counterfoil.tokens.sought import Sought
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.tokens import Row, rows_of
from counterfoil.web.views.token_csv import spelled
from counterfoil.web.views.token_seek import PARAMETERS, Seek

_HEAD: Final = (
    "id", "name", "description", "token", "owner", "state", "scopes", "apis", "root_nodes",
    "created_at", "expires_at", "last_used_at", "last_client", "last_network",
)  # fmt: skip


def export(visit: Visit) -> Answer:
    """Answer with the tokens that the list would show, on all its pages."""
    seek = Seek.of(visit)
    with visit.read() as work:
        seen = list(_every(work, seek, seek.sought(visit.now)))
        rows = [_cells(row) for row in rows_of(work, seen)]
    headers = {
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": 'attachment; filename="tokens.csv"',
        "Cache-Control": "no-store",
    }
    return Answer(200, spelled(_HEAD, rows), headers)


def _every(work: Work, seek: Seek, sought: Sought) -> Iterator[Seen]:
    after: str | None = None
    while True:
        found = list_tokens(work, Wanted(LARGEST, after), seek.owner, sought)
        yield from found.items
        after = found.after
        if after is None:
            return


def _cells(row: Row) -> tuple[str, ...]:
    view, last = row.view, row.used.last
    return (
        f"tok_{view.id}",
        view.name,
        view.description,
        view.hint,
        row.owner,
        str(view.standing),
        "inherit" if view.scopes is None else " ".join(view.scopes),
        " ".join(view.surfaces),
        "" if view.roots is None else str(view.roots),
        _at(view.created_at),
        _at(view.expires_at),
        _at(last.at if last else None),
        last.client if last else "",
        last.network if last else "",
    )


def _at(at: datetime | None) -> str:
    return "" if at is None else spell_instant(at)


PAGES: Final = (
    Page(
        "GET",
        "/tokens/export.csv",
        export,
        N_("Export"),
        operation="token.list",
        query=PARAMETERS,
    ),
)
