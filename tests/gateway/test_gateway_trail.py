"""What the gateway decides for a token goes on record, whatever it decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import GrantRecord, OrganizationRecorded
from counterfoil.gate.record.decided import Decided, counts_in
from counterfoil.gate.record.usage import Outcome
from counterfoil.gateway import trail
from counterfoil.gateway.recorder import Recorder
from counterfoil.gateway.trail import COUNTS
from counterfoil.secret import Kind
from support.decisions import folder_in, told
from support.gate import ACME, BASE, BEN, NOW, OTHER, SECOND, bounds, mint, record, tell, under
from support.house import HERE, House, house_in
from support.office import StandingClock
from support.shop import READ, SHELF, SHOP, TOY, WRITE, holder


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    with house_in(tmp_path, clock) as house:
        yield house


def service(house: House) -> str:
    """Let there be an API token of the shop's readers, and return it."""
    text = mint(Kind.SERVICE)
    tell(house.replica, record(text, bounds(scopes=0, custom=(READ,)), token=BASE + 401))
    return text


def strict(house: House) -> None:
    """Let the organization have everything on record before it is answered."""
    tell(
        house.replica,
        OrganizationRecorded(
            organization=ACME,
            name="Acme",
            management_limit=30,
            management_window_ms=3_000,
            audit_strict=True,
        ),
    )


@pytest.mark.parametrize("none", ["0" * 16, "9" * 16])
def test_what_can_be_no_api_leaves_no_row(house: House, none: str) -> None:
    """A snippet whose zeros nobody filled in lets nobody in, and puts nothing false on record."""
    token = holder(house.replica, READ)
    assert house.ask("GET", "/items/17", token, PATH_INFO=f"/authz/nginx/api_{none}") == "403"
    assert house.written() == []


def test_a_copy_leaves_no_row(house: House, tmp_path: Path) -> None:
    """What a proxy sends a copy of is written down, and nothing is on record: nobody decided it."""
    strict(house)
    file = tmp_path / "recorded"
    house.gateway._recorder = Recorder(file, house.books)  # noqa: SLF001 - as `--record` has it
    path = f"/authz/watch/api_{SHOP}/items/17"
    for token in (holder(house.replica, READ), mint(), None):
        assert house.ask("GET", "/items/17", token, PATH_INFO=path) == "403"
    assert house.written() == []
    assert len(file.read_text().splitlines()) == 2  # of whoever holds a token, and of nobody


def test_a_pass_leaves_a_row(house: House) -> None:
    """Who, by which token, its name then, which API, route and node, and when (X2, X3)."""
    token = holder(house.replica, READ, roots=(SHELF,), name="ci-laptop")
    assert house.ask("GET", "/items/17?secret=no", token) == "200"
    [row] = house.written()
    assert row == Decided(
        at=NOW,
        organization=ACME,
        user=BEN,
        token=BASE + 101,
        token_name="ci-laptop",
        issuer=None,
        method="personal",
        api=SHOP,
        route="GET /items/{item}",
        changes=False,
        node=TOY,
        outcome="allowed",
        request_id="7" * 32,
        address=HERE,
        agent="curl/8.5.0",
    )


def test_what_a_personal_token_was_exchanged_for_leaves_rows_too(house: House) -> None:
    """A short-lived token that a person's own was narrowed to is theirs, under its own id (X2)."""
    holder(house.replica, READ, expires_at=None)
    child, grant = mint(Kind.EXCHANGED), bounds(ACME, scopes=0, custom=(READ,))
    lent = record(
        child, grant, token=BASE + 501, authority="token", subject=BASE + 101, parent=BASE + 101
    )
    tell(house.replica, lent)
    assert house.ask("GET", "/items/17", child) == "200"
    assert house.ask("PUT", "/items/17", child) == "403"
    said = [(row.user, row.token, row.method, row.outcome) for row in house.written()]
    assert said == [
        (BEN, BASE + 501, "personal", "allowed"),
        (BEN, BASE + 501, "personal", "INSUFFICIENT_SCOPE"),
    ]


@pytest.mark.parametrize(
    ("asked", "status", "outcome", "route"),
    [
        (("GET", "/items/18"), "403", "OUTSIDE_ROOT_NODES", "GET /items/{item}"),
        (("PUT", "/items/17"), "403", "INSUFFICIENT_SCOPE", "PUT /items/{item}"),
        (("GET", "/admin"), "403", "ROUTE_NOT_LISTED", "GET"),
        (("GET", "/items//17"), "400", "INVALID_REQUEST", "GET"),
        (("get", "/items/17"), "400", "INVALID_REQUEST", None),
    ],
)
def test_a_refusal_leaves_a_row(
    house: House, asked: tuple[str, str], status: str, outcome: str, route: str | None
) -> None:
    """What is refused to a good token is on record with its code, as far as it was found out (X2).

    It makes no difference that the same was refused before.
    """
    token = holder(house.replica, READ, roots=(SHELF,))
    for _ in range(2):
        assert house.ask(*asked, token) == status
    rows = house.written()
    assert [(row.outcome, row.route, row.token) for row in rows] == [
        (outcome, route, BASE + 101)
    ] * 2


def test_a_good_token_in_the_wrong_place_leaves_a_row(house: House) -> None:
    """A token that comes from elsewhere, too often, or to an API of others, is known (X2, S42)."""
    near, slow, other = mint(), mint(), mint()
    bound = bounds(scopes=0, custom=(READ,))
    tell(
        house.replica,
        record(near, under(bound, networks=("198.51.100.0/24",)), token=BASE + 301),
        record(slow, under(bound, rate=(1, 60)), token=BASE + 302),
        record(other, GrantRecord(OTHER, "active", None, ALL_SURFACES), token=BASE + 303,
               authority="role", subject=BASE + 23),
    )  # fmt: skip
    for token in (near, slow, slow, other):
        house.ask("GET", "/docs", token)
    assert [(row.token, row.outcome, row.organization) for row in house.written()] == [
        (BASE + 301, "IP_NOT_ALLOWED", ACME),
        (BASE + 302, "allowed", ACME),
        (BASE + 302, "RATE_LIMIT_EXCEEDED", ACME),
        (BASE + 303, "NOT_A_MEMBER", OTHER),
    ]


def test_who_is_nobody_leaves_no_row(house: House) -> None:
    """Without a token in force there is nobody to keep a trail of; uses are counted (R16)."""
    old = holder(house.replica, READ, expires_at=NOW - SECOND)
    for token in (None, mint(), old, "nonsense"):
        assert house.ask("GET", "/docs", token) == "401"
    assert house.ask("GET", "/health", holder(house.replica, READ, token=BASE + 102)) == "200"
    assert house.written() == []
    house.trail.close()
    [batch] = house.batches()
    outcomes = sorted(use.outcome for use in counts_in(batch.counts))
    assert outcomes == [Outcome.EXPIRED, Outcome.REVOKED]


def test_api_tokens_are_counted(house: House) -> None:
    """Of a program it is counted how often it came and what became of it, and no row is written."""
    token = service(house)
    for target in ("/docs", "/docs", "/admin"):
        house.ask("GET", target, token)
    assert house.written() == []
    for _ in range(COUNTS):
        house.trail.turn()
    [batch] = house.batches()
    found = {use.outcome: told.times for use, told in counts_in(batch.counts).items()}
    assert found == {Outcome.ALLOWED: 2, Outcome.FORBIDDEN: 1}
    assert len(batch.seen) == 1


def test_many_counts_stand_in_many_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch holds more than an office takes in at a time, and each count is in one (R16)."""
    monkeypatch.setattr(trail, "BATCH", 4)
    for number in range(7):
        token = holder(house.replica, READ, token=BASE + 300 + number, expires_at=NOW - SECOND)
        house.ask("GET", "/docs", token)
    house.trail.close()
    batches = house.batches()
    assert max(len(one.counts) for one in batches) == 2
    assert sum(len(counts_in(one.counts)) for one in batches) == 7


def test_a_strict_organization_has_rows_of_programs_too(house: House) -> None:
    """Where the policy is strict a row is on the disk when the answer leaves, by whomever (R16)."""
    strict(house)
    house.ask("GET", "/docs", service(house))
    assert [row.method for row in told(house.home)] == ["service"]
    house.ask("GET", "/admin", holder(house.replica, READ))
    assert [row.outcome for row in told(house.home)] == ["allowed", "ROUTE_NOT_LISTED"]


def test_a_request_that_may_change_something_says_so(house: House) -> None:
    """What a route declares, and every method that is not safe, stands apart from reads."""
    token = holder(house.replica, READ, WRITE)
    house.ask("PUT", "/items/17", token)
    house.ask("GET", "/docs", token)
    assert [row.changes for row in house.written()] == [True, False]


def test_no_secret_goes_on_record(house: House) -> None:
    """A token that a client calls itself by stands nowhere in the journal (S9)."""
    token = holder(house.replica, READ)
    house.ask("GET", "/docs", token, HTTP_USER_AGENT=f"tool/{token}")
    house.written()
    raw = b"".join(one.read_bytes() for one in folder_in(house.home).iterdir())
    assert token.encode() not in raw
    assert b"tool/" in raw
