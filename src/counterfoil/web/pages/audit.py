"""The audit log: who did what, by which token, on what, with what outcome; as a page and a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded, Sought
from counterfoil.audit.record import ALLOWED, EXPOSED
from counterfoil.directory.doors.audit_proofs import shown, signing
from counterfoil.directory.prove import receipt as prove
from counterfoil.directory.trail import (
    MOST_EXPORTED,
    Names,
    count_refused,
    export_entries,
    list_entries,
    names,
    people_in,
)
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, SAMPLE, SIZE, TEXT, Parameter, id_in, one_of
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.jsonapi.watched import Watched
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId, UserId
from counterfoil.operation import OPERATIONS, only_look
from counterfoil.signin.steps.session import BROWSER
from counterfoil.tokens.steps.names import names_in
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.audit_file import as_csv, as_ndjson
from counterfoil.web.views.deeds import noun, sentence

PATH: Final = "/audit"
_EXPORT: Final = f"{PATH}/export"
_RECEIPT: Final = f"{PATH}/receipt"
_REFUSED: Final = f"{PATH}/refused"
_TITLE: Final = N_("Audit log")
_ALL: Final = "all"
_MINUTE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_OUTCOMES: Final = (ALLOWED, *sorted(map(str, Code)))
_KINDS: Final = {"csv": (as_csv, "text/csv"), "ndjson": (as_ndjson, "application/x-ndjson")}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with its sentence; who it was, and where or on what, by their names of today.

    `issuer` is who made the API token that it was done by (Q18).
    """

    entry: Recorded
    said: str
    noun: str
    who: str
    issuer: str
    place: str
    name: str

    @property
    def is_allowed(self) -> bool:
        """Whether it was done, and not refused."""
        return self.entry.outcome == ALLOWED


def show(visit: Visit) -> Answer:
    """Show a piece of the trail, the latest first."""
    asked = _without_blanks(visit.asked)
    wanted, sought = cursor.wanted(asked, PATH), _sought(asked.query)
    with visit.read() as work:
        found = list_entries(work, sought, wanted)
        named = names(work, found.items)
        called = {**named.things, **names_in(work, (one.target for one in found.items))}
    kept = {name: (value,) for name, value in asked.query.kept().items() if name != "above"}
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        further = crumbs.address(PATH, {}, {**kept, AFTER.name: (after,)})
    newest = found.items[0].position if found.items else sought.above or 0
    return visit.show(
        "audit",
        rows=[_row(visit, one, named, called) for one in found.items],
        given={name: values[0] for name, values in kept.items()},
        without={name: _less(kept, name) for name in kept},
        further=further,
        operations=sorted(OPERATIONS),
        outcomes=_OUTCOMES,
        browser=BROWSER,
        files={kind: crumbs.address(_EXPORT, {}, {**kept, "format": (kind,)}) for kind in _KINDS},
        most=MOST_EXPORTED,
        live=None if wanted.after else crumbs.address(PATH, {}, {**kept, "above": (str(newest),)}),
        live_on=asked.query.text("live") == "on",
        turn=crumbs.address(PATH, {}, {**kept, "live": ("on",)}),
        stop=_less(kept, "live"),
    )


def export(visit: Visit) -> Answer:
    """Send what the filter finds as a file."""
    asked = _without_blanks(visit.asked)
    kind = asked.query.text("format") or "csv"
    write, media = _KINDS[asked.query.among("format", _KINDS) or "csv"]
    office = asked.office
    with visit.read() as work:
        pages = export_entries(work, office.database, _sought(asked.query))
    flow = write(pages, partial(people_in, office.database))
    headers = {
        "Content-Type": f"{media}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="audit.{kind}"',
        "Cache-Control": "no-store",
    }
    return Answer(200, headers=headers, stream=Watched(flow, office, visit.caller))


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


def _row(visit: Visit, entry: Recorded, named: Names, called: Mapping[str, str]) -> Row:
    return Row(
        entry,
        sentence(entry.operation, allowed=entry.outcome == ALLOWED),
        visit.say(noun(entry.operation)),
        named.people.get(entry.user, "") if entry.user else "",
        named.people.get(entry.issuer, "") if entry.issuer else "",
        named.places.get(entry.target or "", ""),
        called.get(entry.target or "", ""),
    )


def _without_blanks(asked: Asked) -> Asked:
    """Return the request without the fields of a form that were left empty."""
    kept = {name: given for name, given in asked.query.values.items() if any(given)}
    whole = {
        name: (f"{given[0]}:00Z",)
        for name, given in kept.items()
        if name in {"since", "before"} and _MINUTE.fullmatch(given[0])
    }
    return replace(asked, query=Query({**kept, **whole}))


def _sought(query: Query) -> Sought:
    user, token = query.id(Prefix.USER, "actor"), query.id(Prefix.TOKEN, "token")
    operation = query.among("operation", OPERATIONS.keys() | {EXPOSED})
    reads = query.text("show") == _ALL or operation is not None
    return Sought(
        user=None if user is None else UserId(user),
        token=None if token is None else TokenId(token),
        operation=operation,
        targets=query.spellings("target"),
        outcome=query.among("outcome", _OUTCOMES),
        since=query.instant("since"),
        before=query.instant("before"),
        beside=() if reads else only_look(),
        above=query.integer("above"),
    )


def _less(kept: Mapping[str, tuple[str, ...]], name: str) -> str:
    return crumbs.address(PATH, {}, {one: said for one, said in kept.items() if one != name})


_FILTERS: Final = (
    id_in("actor", "Only what this user did.", Prefix.USER),
    id_in("token", "Only what was done with this credential.", Prefix.TOKEN),
    Parameter("operation", "Only this operation.", TEXT, "token.revoke"),
    Parameter("target", "Only what was done on this.", TEXT, f"tok_{SAMPLE}"),
    Parameter("outcome", "`allowed`, or the code of a refusal.", TEXT, "allowed"),
    Parameter("since", "At or after this instant.", TEXT, "2026-01-31T12:00"),
    Parameter("before", "Before this instant.", TEXT, "2027-01-31T12:00"),
    one_of("show", "Whether what was only looked at stands there too.", ("changes", _ALL)),
)

PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="audit.list",
        query=(
            *_FILTERS,
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
            *_FILTERS,
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
