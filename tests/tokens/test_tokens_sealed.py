"""Whoever writes to the database and lacks the key of seals gives nobody power."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.kernel.errors import Conflict
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.database import Database
from counterfoil.runtime.seal import Seal, seal_of
from counterfoil.tokens.distrust import Rounds
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.store import seals
from counterfoil.tokens.store.sealed import reseal
from counterfoil.tokens.store.tables import grants, secrets, tokens
from counterfoil.tokens.switch import disable
from support.tokens import Agency

pytestmark = pytest.mark.each_engine

LATER = datetime(2040, 1, 1, tzinfo=UTC)


def write(agency: Agency, table: Table, token: TokenId, **values: Any) -> None:
    """Change a row of a token as somebody does who has the database alone."""
    own = table.c.id if table is tokens else table.c.token_id
    with agency.office.database.transaction() as tx:
        assert tx.execute(update(table).where(own == token).values(**values)).rowcount


def revived(agency: Agency, token: TokenId) -> None:
    with agency.acting(agency.ada) as work:
        revoke(work, token)
    write(agency, tokens, token, revoked_at=None, revoked_position=None)
    write(agency, grants, token, state="active")
    write(agency, secrets, token, retired_at=None)


def enabled(agency: Agency, token: TokenId) -> None:
    with agency.acting(agency.ada) as work:
        disable(work, token)
    write(agency, grants, token, state="active")


def given_away(agency: Agency, token: TokenId) -> None:
    write(agency, tokens, token, owner_id=agency.rea, subject_id=agency.rea)


def of_another(agency: Agency, token: TokenId) -> None:
    """Put the digest of a weaker token, whose secret somebody holds, in the place of its own."""
    weak = agency.granted(agency.rea, "weak").token.id
    with agency.office.database.transaction() as tx:
        (digest,) = tx.execute(select(secrets.c.digest).where(secrets.c.token_id == weak)).one()
        tx.execute(secrets.delete().where(secrets.c.token_id == weak))
        tx.execute(update(secrets).where(secrets.c.token_id == token).values(digest=digest))


def one_more(agency: Agency, token: TokenId) -> None:
    with agency.office.database.transaction() as tx:
        (row,) = tx.execute(select(secrets).where(secrets.c.token_id == token)).mappings()
        tx.execute(insert(secrets).values({**row, "id": 7, "digest": b"x" * 32}))


CHANGES: dict[str, Callable[[Agency, TokenId], None]] = {
    "scopes": lambda agency, token: write(agency, grants, token, scopes=EVERY_SCOPE),
    "roots": lambda agency, token: write(agency, grants, token, roots=None),
    "surfaces": lambda agency, token: write(agency, grants, token, surfaces=1),
    "ceiling": lambda agency, token: write(agency, grants, token, ceiling=[1]),
    "conditions": lambda agency, token: write(agency, grants, token, conditions={"not_before": 1}),
    "custom": lambda agency, token: write(agency, grants, token, custom=[1]),
    "digest": lambda agency, token: write(agency, secrets, token, digest=b"d" * 32),
    "digest of another": of_another,
    "one more secret": one_more,
    "death": lambda agency, token: write(agency, secrets, token, dies_at=LATER),
    "owner": given_away,
    "authority": lambda agency, token: write(agency, tokens, token, authority="none"),
    "expiry": lambda agency, token: write(agency, tokens, token, expires_at=LATER),
    "cut-off": lambda agency, token: write(agency, tokens, token, position=2**40),
    "parent": lambda agency, token: write(agency, tokens, token, spans_all=True),
    "revoked": revived,
    "disabled": enabled,
    "seal": lambda agency, token: write(agency, tokens, token, seal=None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_somebody_changed_opens_nothing(agency: Agency, change: str) -> None:
    """No gate that is built anew knows the token, no verb takes it, and a round ends it (S5).

    That is one entry of the trail, and then the running gate refuses it too.
    """
    asked = agency.granted(agency.dan, "strong", roots=frozenset({agency.press}))
    token = asked.token.id
    assert agency.hall.refusal(asked.secret) == "allowed"
    CHANGES[change](agency, token)
    named = {value[:8] for _, value in agency.hall.rebuilt()["ids"]}
    assert token.to_bytes(8) not in named
    with agency.acting(agency.ada) as work, pytest.raises(Conflict):
        disable(work, token)
    ended = Rounds(agency.office).turn()
    assert ended == (2 if change == "digest of another" else 1)
    assert agency.hall.refusal(asked.secret) == "INVALID_TOKEN"
    assert agency.trail().count(("token.distrust", "allowed")) == ended
    assert Rounds(agency.office).turn() == 0


def test_what_nobody_changed_holds(agency: Agency) -> None:
    """What we have written ourselves is as it was sealed, and a round ends nothing (S5)."""
    asked = agency.granted(agency.dan)
    agency.api_token()
    before = agency.trail()
    assert Rounds(agency.office).turn() == 0
    assert agency.trail() == before
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    assert agency.hall.refusal(asked.secret) == "allowed"


def test_a_change_by_us_does_not_seal_what_somebody_wrote(agency: Agency) -> None:
    """A token that was widened by hand cannot be laundered by what we do with it next (S5)."""
    asked = agency.granted(agency.dan)
    write(agency, grants, asked.token.id, scopes=EVERY_SCOPE)
    with agency.acting(agency.ada) as work:
        revoke(work, asked.token.id)
    write(agency, grants, asked.token.id, state="active")
    assert Rounds(agency.office).turn() == 1


def test_another_key_knows_nothing(agency: Agency, database: Database) -> None:
    """The seal of another key holds nothing, and who takes a database as it is seals it anew."""
    asked = agency.granted(agency.dan)
    said: list[Any] = [asked.token.id]
    assert not Seal(b"t" * 32).holds(Seal(b"s" * 32).over(said), said)
    with database.transaction() as tx:
        tx.execute(update(tokens).values(seal=b"\0" * 32))
        assert reseal(tx) > 0
    assert Rounds(agency.office).turn() == 0


def test_every_column_is_sealed_or_said_not_to_be(database: Database) -> None:
    """Nobody adds a column without saying whether it gives power (S5)."""
    sealed = {f"token.{name}" for name in seals.TOKEN}
    sealed |= {f"token_grant.{name}" for name in seals.GRANT}
    sealed |= {f"token_secret.{name}" for name in seals.SECRET}
    present = {f"{table.name}.{one.name}" for table in (tokens, grants, secrets) for one in table.c}
    assert sealed.isdisjoint(seals.UNSEALED)
    assert sealed | seals.UNSEALED == present
    with database.reading() as tx:
        assert seal_of(tx) is not None
