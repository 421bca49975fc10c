"""The audit trail as a file: whole, or it says in its last line where it was cut."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest

from counterfoil.access.caller import Caller
from counterfoil.audit.changes import Change
from counterfoil.audit.read import Recorded
from counterfoil.jsonapi.watched import Watched
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.page import Page
from counterfoil.office import Office
from counterfoil.web.views.audit_file import NameOf, as_csv, as_ndjson
from support.office import START, StandingClock, session

CALLER = session(1_000_000_000_000_001)
AGAIN = 3
WRITERS = [as_csv, as_ndjson]

Writer = Callable[[Iterable[Page[Recorded]], NameOf], Iterator[bytes]]


def entry(position: int) -> Recorded:
    return Recorded(
        position=position, at=START, user=None, token=None, token_name=None, issuer=None,
        method="session", operation="node.create_folder", target=None, outcome="allowed",
        request_id="req", address="192.0.2.7", agent="curl",
    )  # fmt: skip


def pieces() -> Iterator[Page[Recorded]]:
    """Yield ten entries in four pieces, the latest first."""
    for latest in range(10, 0, -AGAIN):
        some = tuple(entry(position) for position in range(latest, max(latest - AGAIN, 0), -1))
        last = some[-1].position
        yield Page(some, None if last == 1 else str(last))


def nobody(_page: Page[Recorded]) -> dict[int, str]:
    return {}


def lines(pages: Iterable[Page[Recorded]], write: Writer, names: NameOf = nobody) -> list[str]:
    return b"".join(write(pages, names)).decode().splitlines()


@pytest.mark.parametrize("write", WRITERS)
def test_every_piece_is_in_it(office: Office, write: Writer) -> None:
    """More entries than one piece are all there, in order, and no line says otherwise (X2)."""
    with patch.object(office, "verify_again", side_effect=lambda who, _address: who):
        told = lines(Watched(pieces(), office, CALLER), write)
    if write is as_ndjson:
        assert [json.loads(line)["position"] for line in told] == list(range(10, 0, -1))
    else:
        assert [line.split(",")[0] for line in told[1:]] == list(map(str, range(10, 0, -1)))


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_cut_short_says_so(office: Office, clock: StandingClock, write: Writer) -> None:
    """Who may read it no longer gets no further piece, and no file that looks whole (S20)."""

    def gone(_caller: Caller, _address: str | None) -> Caller:
        raise Refused

    def slowly(_page: Page[Recorded]) -> dict[int, str]:
        clock.move_on(seconds=1)
        return {}

    with patch.object(office, "verify_again", gone):
        told = lines(Watched(pieces(), office, CALLER), write, slowly)
    assert len(told) == AGAIN + 1 + (write is as_csv)
    assert told[-1] in ('{"more_before":8}', ",,cut short: more entries come before position 8")


def test_changes_are_in_both_files() -> None:
    """A file has an entry's changes: as objects for programs, as JSON in a cell for people (X2)."""
    change = Change(before=["a"], after=None, name="scopes")
    page = Page((replace(entry(1), changes=(change,)), entry(2)))
    told = [{"after": None, "before": ["a"], "name": "scopes"}]
    first, second = map(json.loads, lines([page], as_ndjson))
    assert (first["changes"], second["changes"]) == (told, None)
    rows = list(csv.DictReader(lines([page], as_csv)))
    assert (json.loads(rows[0]["changes"]), rows[1]["changes"]) == (told, "")
