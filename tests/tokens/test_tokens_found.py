"""What GitHub's secret scanning found is taken in, if it is signed, and answered in its way."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select

from counterfoil.audit.record import entries
from counterfoil.kernel.errors import Code
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.runtime.finders import PublicKeys
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.api_token_edit import regenerate
from counterfoil.tokens.leaked import list_leaks
from support.finder import Finder, body
from support.office import StandingClock
from support.tokens import Agency
from support.trail import bodies

pytestmark = pytest.mark.each_engine
URL = "https://github.com/acme/site/blob/1/.env"


@pytest.fixture
def finder(agency: Agency, clock: StandingClock) -> Finder:
    """Whose reports are taken."""
    finder = Finder()
    agency.office.finders = PublicKeys(finder.read, clock)
    return finder


def send(agency: Agency, raw: bytes, headers: dict[str, str]) -> Any:
    return agency.door(None).raw("POST", "/leaks/github", raw, headers)


def labels(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["label"] for one in answer.json]


def test_what_was_found_is_stopped(agency: Agency, finder: Finder) -> None:
    """Each token of ours is stopped as policy has it, told of with its address, and named (S15)."""
    asked, other = agency.granted(agency.dan), agency.api_token()
    stranger = Secret.mint(Kind.PERSONAL, agency.hall.entropy).reveal()
    texts = [asked.secret.reveal(), stranger, "AKIAEXAMPLE", other.secret.reveal()]
    raw = body(*texts)
    answer = send(agency, raw, finder.headers(raw))
    assert labels(answer) == ["true_positive", "false_positive", "false_positive", "true_positive"]
    hashes = [hashlib.sha256(one.encode()).hexdigest() for one in texts]
    assert [one["token_hash"] for one in answer.json] == hashes
    assert {one["token_type"] for one in answer.json} == {"cf_token"}
    for one in (asked, other):
        assert agency.hall.refusal(one.secret) == Code.TOKEN_DISABLED
    with agency.looking(agency.dan) as work:
        every = list_notices(work, Wanted(20), unread=False).items
    (told,) = [one for one in every if one.kind == "token_leaked"]
    assert told.facts["url"] == URL
    with agency.office.database.reading() as tx:
        noted = bodies(tx, entries.c.operation == "leak.report")
        assert [one.note for one in noted] == [URL, URL]


def test_a_dead_token_was_one(agency: Agency, finder: Finder) -> None:
    """A secret that was replaced is told to be one, and the token that has another goes on."""
    issued = agency.api_token()
    with agency.acting(agency.ada) as work:
        fresh = regenerate(work, issued.token.id)
    raw = body(issued.secret.reveal())
    assert labels(send(agency, raw, finder.headers(raw))) == ["true_positive"]
    assert agency.hall.refusal(fresh.secret) == "allowed"


def test_the_same_again_does_nothing(agency: Agency, finder: Finder) -> None:
    """However often a match stands in a report, and is sent, it is one (S15)."""
    asked = agency.granted(agency.dan)
    raw = body(*[asked.secret.reveal()] * 50)
    for _ in range(2):
        assert labels(send(agency, raw, finder.headers(raw))) == ["true_positive"] * 50
    with agency.looking(agency.ada) as work:
        assert len(list_leaks(work, Wanted(20)).items) == 1
    with agency.office.database.reading() as tx:
        done = tx.execute(select(entries).where(entries.c.operation == "leak.report")).all()
    assert len(done) == 2


def test_many_are_taken_in(agency: Agency, finder: Finder) -> None:
    """A report of thousands is answered: one look finds which of them are tokens (S15)."""
    asked = agency.granted(agency.dan)
    raw = body(*(f"nothing-{one}" for one in range(5_000)), asked.secret.reveal())
    told = labels(send(agency, raw, finder.headers(raw)))
    assert (len(told), told.count("true_positive")) == (5_001, 1)


@pytest.mark.parametrize("missing", ["Github-Public-Key-Identifier", "Github-Public-Key-Signature"])
def test_without_headers_there_is_no_such_address(
    agency: Agency, finder: Finder, missing: str
) -> None:
    """Who does not say who signed is told nothing of what is here (S15)."""
    raw = body("cfp_x")
    headers = finder.headers(raw)
    del headers[missing]
    assert send(agency, raw, headers).status_code == 404
    assert finder.asked == 0


def test_unless_the_operator_names_keys(agency: Agency) -> None:
    """An installation that names no keys takes no such reports."""
    raw = body("cfp_x")
    assert send(agency, raw, Finder().headers(raw)).status_code == 404


def test_who_did_not_sign_stops_nothing(agency: Agency, finder: Finder) -> None:
    """A report by another key, by an unknown one or of another body stops no token (S15)."""
    asked = agency.granted(agency.dan)
    raw, other = body(asked.secret.reveal()), body("cfp_x")
    for headers in (
        Finder().headers(raw),
        finder.headers(other),
        {**finder.headers(raw), "Github-Public-Key-Identifier": "unknown"},
        {**finder.headers(raw), "Github-Public-Key-Signature": "AAAA"},
    ):
        assert send(agency, raw, headers).status_code == 400
    assert agency.hall.refusal(asked.secret) == "allowed"
    finder.silent = True
    agency.office.finders = PublicKeys(finder.read, agency.office.clock)
    assert send(agency, raw, finder.headers(raw)).status_code == 503


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{}",
        b"[1]",
        b'[{"token": "x"}]',
        b'[{"token": 1, "type": "x", "url": "x"}]',
        b'[{"token": "\xff", "type": "x", "url": "x"}]',
        b"[" * 5_000,
    ],
)
def test_what_is_no_list_of_matches(agency: Agency, finder: Finder, raw: bytes) -> None:
    """A signed body of another shape is refused, and says nothing of what was in it (S15)."""
    assert send(agency, raw, finder.headers(raw)).status_code == 400


def test_what_is_new_in_a_match_is_passed_over(agency: Agency, finder: Finder) -> None:
    """They may say more of a match some day, and leave out where it stood."""
    asked = agency.granted(agency.dan)
    match = {"token": asked.secret.reveal(), "type": "x", "url": "", "seen": [1]}
    raw = json.dumps([match]).encode()
    assert labels(send(agency, raw, finder.headers(raw))) == ["true_positive"]
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_DISABLED


def test_nothing_of_it_is_kept_in_clear(agency: Agency, finder: Finder) -> None:
    """Not even in the address where it was found is a token kept or repeated (S9)."""
    asked = agency.granted(agency.dan)
    text = asked.secret.reveal()
    raw = body(text, url=f"https://github.com/acme/{text}")
    answer = send(agency, raw, finder.headers(raw))
    assert text not in answer.text
    with agency.looking(agency.ada) as work:
        ((report, _),) = list_leaks(work, Wanted(20)).items
    assert text not in report.url
