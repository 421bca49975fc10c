"""Every vendor's client with a token of every condition: what its user is shown, and what stays.

The table is what somebody reads who has this client and that token, and `ok` is the call that went
through. A cell that nobody wrote fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

import pytest

from infra.wait import wait_until
from vendors.conditions import Condition, Counter, Credentials, fingerprint
from vendors.programs import PROGRAMS, Shown, Stage
from vendors.venue import Venue

OK: Final = "ok"
_REASONS: Final = {
    Condition.GOOD: OK,
    Condition.PENDING: "401 TOKEN_PENDING_APPROVAL",
    Condition.DISABLED: "401 TOKEN_DISABLED",
    Condition.EXPIRED: "401 TOKEN_EXPIRED",
    Condition.REVOKED: "401 INVALID_TOKEN",
    Condition.SURFACE: "403 API_NOT_ENABLED_FOR_TOKEN",
    Condition.ROLE: "403 INSUFFICIENT_SCOPE",
    Condition.ROOT: "403 OUTSIDE_ROOT_NODES",
}
_VENDOR_WORD: Final = {"401": "INVALID_AUTHORIZATION_HEADER", "403": "INSUFFICIENT_PERMISSIONS"}


def _each(line: str, **others: str) -> dict[Condition, str]:
    """Return a row of the table: why a token is refused, as one client says it."""
    row = {}
    for condition, reason in _REASONS.items():
        status, _, code = reason.partition(" ")
        vendor = _VENDOR_WORD.get(status)
        row[condition] = line.format(status=status, code=code, vendor=vendor) if code else OK
    return {**row, **{Condition[name.upper()]: told for name, told in others.items()}}


_NO_LINK: Final = "The create-content-type-schema action is not available"
_UNAUTHORIZED: Final = "Error: Unauthorized"

TABLE: Final[Mapping[str, Mapping[Condition, str]]] = {
    "Agility SDK": _each("Error {status} {code}", missing="Error 401 INVALID_TOKEN"),
    "DatoCMS cma-client": _each(
        "ApiError {status} {vendor} {code}",
        missing="ApiError 401 INVALID_AUTHORIZATION_HEADER INVALID_TOKEN",
    ),
    "DatoCMS cda-client": _each(
        "ApiError {status} {vendor} {code}",
        missing="ApiError 401 INVALID_AUTHORIZATION_HEADER INVALID_TOKEN",
        root="ApiError 200 This is outside the root nodes of the token.",
    ),
    "DatoCMS CLI": _each("exit 2 {vendor} {code}", missing="exit 2 DATOCMS_API_TOKEN"),
    "Amplience SDK": _each(
        "HttpError {status} {code}",
        missing="HttpError 401 INVALID_TOKEN",
        role=f"String {_NO_LINK}",
        root=f"String {_NO_LINK}",
    ),
    "Amplience dc-cli": {
        Condition.GOOD: OK,
        Condition.MISSING: "Error: Missing required arguments: clientId, clientSecret",
        Condition.PENDING: OK,  # a pair waits for nobody, under whatever policy
        Condition.DISABLED: _UNAUTHORIZED,
        Condition.EXPIRED: _UNAUTHORIZED,
        Condition.REVOKED: _UNAUTHORIZED,
        Condition.SURFACE: "Error: The requested action is not available (forbidden)",
        Condition.ROLE: _NO_LINK,
        Condition.ROOT: _NO_LINK,
    },
    "DX getdx": {
        Condition.GOOD: OK,
        Condition.MISSING: "ValueError DX Web API token missing",
        Condition.PENDING: "DXAuthError 401 DX API error: token_pending_approval",
        Condition.DISABLED: "DXAuthError 401 DX API error: token_disabled",
        Condition.EXPIRED: "DXAuthError 401 DX API error: token_expired",
        Condition.REVOKED: "DXAuthError 401 DX API error: invalid_auth",
        Condition.SURFACE: OK,  # surfaces are the built-in API's own, and this one is registered
        Condition.ROLE: "DXPermissionError 403 DX API error: insufficient_scope",
        Condition.ROOT: "nothing",
    },
    "Squiz over HTTP": _each(
        "{status} {code} WWW-Authenticate",
        missing="401 MISSING_AUTHORIZATION_HEADER WWW-Authenticate",
    ),
}


@dataclass(frozen=True)
class Played:
    """What a program showed, and whether its refused and its other calls changed something."""

    name: str
    venue: Venue
    credentials: Credentials
    since: str
    shown: Shown
    refused_changed: bool
    allowed_changed: bool


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, venue: Venue, tmp_path_factory: pytest.TempPathFactory
) -> Played:
    """One program under its vendor's preset: first what is to be refused, then the rest."""
    program, row = PROGRAMS[request.param], TABLE[request.param]
    venue.under(program.preset)
    made = program.hand_out(Counter(venue, program.preset, program.needs))
    item = venue.article("/site/press", program.finds)
    stage = Stage(venue, tmp_path_factory.mktemp("home"), item)
    before, since = fingerprint(venue), datetime.now(UTC).isoformat()
    shown = program.run(stage, {one: made[one] for one in made if row[one] != OK})
    between = fingerprint(venue)
    shown |= program.run(stage, {one: made[one] for one in made if row[one] == OK})
    changed = before != between, between != fingerprint(venue)
    return Played(request.param, venue, made, since, shown, *changed)


def test_the_table_is_whole() -> None:
    """There is a cell for every program and every condition, and for nothing else (D15, A9)."""
    assert set(TABLE) == set(PROGRAMS)
    assert all(set(row) == set(Condition) for row in TABLE.values())


@pytest.mark.parametrize("played", PROGRAMS, indirect=True)
@pytest.mark.parametrize("condition", Condition)
def test_what_its_user_is_shown(played: Played, condition: Condition) -> None:
    """Each client shows why a token does not open (A7, D9, D10, X15, X17, Q3, Q12, G8, K10)."""
    assert played.shown[condition] == TABLE[played.name][condition]


@pytest.mark.parametrize("played", PROGRAMS, indirect=True)
def test_nothing_changed(played: Played) -> None:
    """What was refused changed nothing, and the same call with a good token did (D10, G8)."""
    assert not played.refused_changed
    assert played.allowed_changed is PROGRAMS[played.name].writes


@pytest.mark.parametrize("played", PROGRAMS, indirect=True)
def test_it_is_on_record(played: Played) -> None:
    """What a known token did or was denied stands in the trail by its id and name (X2)."""
    row = TABLE[played.name]
    outcomes = {Condition.GOOD: "allowed"}
    for one in (Condition.SURFACE, Condition.ROLE):
        if "403" in row[one]:
            outcomes[one] = _REASONS[one].split()[-1]
    for condition, outcome in outcomes.items():
        query = {"filter[outcome]": outcome, "filter[since]": played.since, "page[size]": 100}
        made = played.credentials[condition]
        assert made is not None
        if (
            PROGRAMS[played.name].hand_out is not Counter.pairs
        ):  # their tokens have ids of their own
            query["filter[token]"] = made["id"]
        path = f"/cma/audit_events?{urlencode(query)}"
        wait_until(partial(_names, played.venue, path), f"{played.name}, {condition}")


def _names(venue: Venue, path: str) -> bool:
    """Say whether a list of the trail names a token of the suite; a read is there in a second."""
    found = venue.ann("GET", path).body["data"]
    return any(one["attributes"]["token_name"] == "suite" for one in found)


@pytest.mark.parametrize("played", PROGRAMS, indirect=True)
def test_no_secret_is_kept(played: Played) -> None:
    """No secret that a client presented is in any file of the server, nor in its log (A12)."""
    secrets = [made["token"].encode() for made in played.credentials.values() if made]
    folder = played.venue.sample.directory
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert any(b"suite" in path.read_bytes() for path in kept)  # what is there is found
    for path in (*kept, played.venue.server.log):
        said = path.read_bytes()
        assert not [path.name for secret in secrets if secret in said]
