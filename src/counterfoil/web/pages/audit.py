"""The audit log: who did what, by which token, on what, with what outcome; as a page and a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.audit import refusals
from counterfoil.audit.read import begins_at
from counterfoil.audit.record import BESIDE
from counterfoil.directory.doors.audit_proofs import shown, signing
from counterfoil.directory.prove import receipt as prove
from counterfoil.directory.save_query import queries
from counterfoil.directory.trail import (
    count_refused,
    export_entries,
    list_entries,
    names,
    people_in,
)
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, SIZE, TEXT, Parameter, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.jsonapi.watched import Watched
from counterfoil.operation import OPERATIONS
from counterfoil.signin.steps.session import BROWSER
from counterfoil.tokens.steps.names import names_in
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.audit_file import as_csv, as_ndjson
from counterfoil.web.views.audit_filter import (
    FILTERS,
    OUTCOMES,
    PATH,
    QUERIES,
    address_of,
    asks_in,
    saved,
    sought_in,
    understood,
    without_blanks,
)
from counterfoil.web.views.deed_row import row

_EXPORT: Final = f"{PATH}/export"
_RECEIPT: Final = f"{PATH}/receipt"
_REFUSED: Final = f"{PATH}/refused"
_TITLE: Final = N_("Audit log")
_KINDS: Final = {"csv": (as_csv, "text/csv"), "ndjson": (as_ndjson, "application/x-ndjson")}


def show(visit: Visit) -> Answer:
    """Show a piece of the trail, the latest first."""
    asked = without_blanks(visit.asked)
    wanted = cursor.wanted(asked, PATH)
    visit, sought = understood(visit, asked.query)
    with visit.read() as work:
        found = list_entries(work, sought, wanted)
        since = begins_at(work.tx, visit.caller.organization)
        own = queries(work)
        named = names(work, found.items)
        called = {**named.things, **names_in(work, (one.target for one in found.items))}
    kept = {name: (value,) for name, value in asked.query.kept().items() if name != "above"}
    wrong = "address" in visit.form.errors
    asks = {} if wrong else asks_in(asked.query)
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        further = crumbs.address(PATH, {}, {**kept, AFTER.name: (after,)})
    newest = found.items[0].position if found.items else sought.above or 0
    return visit.show(
        "audit",
        rows=[row(visit, one, named, called) for one in found.items],
        since=since,
        refusals_kept=refusals.KEPT.days,
        saved=[saved(one, asks) for one in own],
        keep=address_of(asks, QUERIES) if asks else None,
        given={name: values[0] for name, values in kept.items()},
        without={name: _less(kept, name) for name in kept},
        further=further,
        operations=sorted(OPERATIONS.keys() | BESIDE),
        outcomes=OUTCOMES,
        browser=BROWSER,
        files={kind: crumbs.address(_EXPORT, {}, {**kept, "format": (kind,)}) for kind in _KINDS},
        live=None
        if wanted.after or wrong
        else crumbs.address(PATH, {}, {**kept, "above": (str(newest),)}),
        live_on=asked.query.text("live") == "on",
        turn=crumbs.address(PATH, {}, {**kept, "live": ("on",)}),
        stop=_less(kept, "live"),
    )


def export(visit: Visit) -> Answer:
    """Send what the filter finds as a file."""
    asked = without_blanks(visit.asked)
    kind = asked.query.text("format") or "csv"
    write, media = _KINDS[asked.query.among("format", _KINDS) or "csv"]
    office = asked.office
    with visit.read() as work:
        pages = export_entries(work, office.database, sought_in(asked.query))
    people = partial(people_in, office.database, visit.caller.organization)
    flow = write(Watched(pages, office, visit.caller), people)
    headers = {
        "Content-Type": f"{media}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="audit.{kind}"',
        "Cache-Control": "no-store",
    }
    return Answer(200, headers=headers, stream=flow)


def receipt(visit: Visit) -> Answer:
    """Send the proof that an entry is in the trail, as a file."""
    office, entry = visit.asked.office, visit.asked.query.integer("entry", 1) or 0
    with visit.read() as work:
        found = prove(work, entry, signing(office))
    headers = {
        "Content-Disposition": f'attachment; filename="receipt-{entry}.json"',
        "Cache-Control": "no-store",
    }
    return Answer(200, shown(found, office), headers=headers)


def refused(visit: Visit) -> Answer:
    """Show how many came in nowhere, by minute and network."""
    asked = visit.asked
    with visit.read() as work:
        found = count_refused(work, cursor.wanted(asked, _REFUSED), None, None)
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, _REFUSED, found.after)
        further = crumbs.address(_REFUSED, {}, {AFTER.name: (after,)})
    return visit.show("audit_refused", minutes=found.items, further=further)


def _less(kept: Mapping[str, tuple[str, ...]], name: str) -> str:
    return crumbs.address(PATH, {}, {one: said for one, said in kept.items() if one != name})


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="audit.list",
        query=(
            *FILTERS,
            SIZE,
            AFTER,
            one_of("live", "Whether what comes is shown as it comes.", ("on",)),
            Parameter("above", "Only what came after this position.", TEXT, "17"),
        ),
        nav=Nav(shell.ACCOUNT, _TITLE, "list", 50, needs=Scope.AUDIT_READ),
    ),
    Page(
        "GET",
        _RECEIPT,
        receipt,
        N_("Receipt"),
        operation="audit.prove",
        query=(Parameter("entry", "Of which entry.", TEXT, "17"),),
    ),
    Page(
        "GET",
        _EXPORT,
        export,
        N_("Export"),
        operation="audit.export",
        query=(
            *FILTERS,
            one_of("live", "Of the page; it changes nothing.", ("on",)),
            one_of("format", "What kind of file.", tuple(_KINDS)),
        ),
    ),
    Page(
        "GET",
        _REFUSED,
        refused,
        N_("Failed authentications"),
        operation="audit.count_refused",
        query=(SIZE, AFTER),
    ),
)
