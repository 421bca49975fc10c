"""What the database keeps of a secret, and what it refuses, on both engines."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from counterfoil.runtime.database import metadata
from counterfoil.tokens.api_token_edit import regenerate, revoke_api_token
from counterfoil.tokens.edit import edit
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.store import tables
from counterfoil.tokens.wish import Wish
from support.tokens import Agency

pytestmark = pytest.mark.each_engine

_ALLOW_EMBEDDED = "DROP TRIGGER no_digest"
_ALLOW = "DROP FUNCTION no_digest CASCADE"


def test_no_statement_updates_a_digest(agency: Agency) -> None:
    """With a trigger that forbids it, every verb of a token's life still works (S4, Q5)."""
    database = agency.office.database
    with database.engine.begin() as tx:
        _forbid_digest_updates(tx, embedded=database.embedded)
    try:
        _live_through(agency)
    finally:  # the tests that come after share the server's tables
        with database.engine.begin() as tx:
            tx.execute(text(_ALLOW_EMBEDDED if database.embedded else _ALLOW))


def _live_through(agency: Agency) -> None:
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="renamed"))
        revoke(work, made.token.id)
    service = agency.api_token()
    with agency.acting(agency.ada) as work:
        regenerate(work, service.token.id, timedelta(hours=1))
        regenerate(work, service.token.id)
        revoke_api_token(work, service.token.id)
    with (
        pytest.raises(DatabaseError, match="never updated"),
        agency.office.database.engine.begin() as tx,
    ):
        tx.execute(text("UPDATE token_secret SET digest = digest"))


def _forbid_digest_updates(tx: Connection, *, embedded: bool) -> None:
    if embedded:
        tx.execute(
            text(
                "CREATE TRIGGER no_digest BEFORE UPDATE OF digest ON token_secret"
                " BEGIN SELECT RAISE(ABORT, 'a digest is never updated'); END"
            )
        )
        return
    tx.execute(
        text(
            "CREATE OR REPLACE FUNCTION no_digest() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'a digest is never updated'; END $$"
        )
    )
    tx.execute(
        text(
            "CREATE TRIGGER no_digest BEFORE UPDATE OF digest ON token_secret"
            " FOR EACH ROW EXECUTE FUNCTION no_digest()"
        )
    )


def test_the_database_refuses_what_cannot_be(agency: Agency) -> None:
    """Digests are unique and of 32 bytes; a token has one open request at most (S4, S22, Q5)."""
    asked = agency.ask(agency.dan)
    database = agency.office.database
    with database.reading() as tx:
        secret = tx.execute(select(tables.secrets)).mappings().first()
        request = tx.execute(select(tables.requests)).mappings().first()
    assert secret is not None
    assert request is not None
    for table, row in (
        (tables.secrets, {**secret, "id": 1}),
        (tables.secrets, {**secret, "id": 2, "digest": bytes(31)}),
        (tables.requests, {**request, "id": 3}),
        (tables.grants, {"token_id": asked.token.id, "organization_id": 1}),
    ):
        with pytest.raises(IntegrityError), database.transaction() as tx:
            tx.execute(insert(table).values(row))


def test_no_secret_is_in_the_database(agency: Agency) -> None:
    """A dump of every table holds digests and no secret, in any spelling (S9, A12, G5, G12a)."""
    secrets = [
        agency.ask(agency.dan).secret,
        agency.granted(agency.dan, "two").secret,
        agency.api_token().secret,
    ]
    with agency.acting(agency.ada) as work:
        secrets.append(
            create_pair(
                work, Wish(name="p", authority="role", subject=agency.roles["reader"].id)
            ).secret
        )
    dump = _dump(agency, metadata.sorted_tables)
    assert len(dump) > 1_000
    for secret in secrets:
        plain = secret.reveal().encode()
        body = plain[4:-6]
        for spelling in (plain, body, plain.hex().encode(), base64.b64encode(plain)[:40]):
            assert spelling not in dump
        assert secret.digest.hex().encode() in dump  # the dump does hold what is kept
        assert secret.reveal() not in repr(secret)


def _dump(agency: Agency, all_tables: Iterable[Table]) -> bytes:
    pieces: list[bytes] = []
    with agency.office.database.reading() as tx:
        for table in all_tables:
            for row in tx.execute(select(table)):
                for value in row:
                    if isinstance(value, bytes):
                        pieces += [value, value.hex().encode()]
                    else:
                        pieces.append(repr(value).encode())
    return b"\n".join(pieces)
