"""What every test may stand on: a clock that stands still, dice that repeat, and an office."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil import directory, tokens
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.audit.journal import Journal, always
from counterfoil.feed.outbox import open_books
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.office import Office, Verify, at_their_word
from counterfoil.runtime.database import Database, metadata
from counterfoil.runtime.files import Files

ACME = OrganizationId(1_000_000_000_000_001)
ORIGIN = Origin("request-1", "192.0.2.7", "test/1")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class StandingClock:
    """Says the same time until told to move on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def move_on(self, **by: float) -> None:
        """Move on by so many days, hours, minutes, seconds (the words of `timedelta`)."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def entropy() -> Entropy:
    return random.Random(0).randbytes


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The embedded database, empty."""
    yield from _fresh(Database(f"sqlite:///{tmp_path / 'office.sqlite'}"))


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Each engine in turn: for the suites that every store must pass."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'office.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    yield from _fresh(Database(url))


def _fresh(database: Database) -> Iterator[Database]:
    metadata.drop_all(database.engine)
    metadata.create_all(database.engine)
    with database.transaction() as tx:
        open_books(tx)
    yield database
    database.close()


@pytest.fixture
def office(database: Database, clock: StandingClock, entropy: Entropy, tmp_path: Path) -> Office:
    files = Files(tmp_path / "files", entropy)
    return office_on(database, clock, entropy, files=files)


def office_on(
    database: Database,
    clock: StandingClock,
    entropy: Entropy,
    committed: Callable[[int], None] = lambda _position: None,
    verify: Verify = at_their_word,
    *,
    files: Files | None = None,
) -> Office:
    """Open an office whose reads go on record at once."""
    return Office(
        database,
        Journal(database, strict=always),
        clock,
        entropy,
        committed=committed,
        verify=verify,
        follow=tokens.follow,
        vocabulary_of=directory.vocabulary,
        files=files,
    )


def session(
    user: int,
    *terms: Term,
    organization: OrganizationId = ACME,
    at: datetime = START,
) -> Caller:
    """Somebody who signed in just now; without terms, with all the power there is."""
    return Caller(
        organization=organization,
        user=UserId(user),
        method=Method.SESSION,
        grant=Grant(terms or (Term(EVERY_SCOPE),)),
        token=TokenId(user + 1),
        token_name="session",
        authenticated_at=at,
    )
