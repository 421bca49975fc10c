"""What happens when two do it at once, on both engines; and what the database keeps of a secret."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from counterfoil import tokens
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.runtime.database import metadata
from counterfoil.tokens import store_request
from counterfoil.tokens import store_tables as tables
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_change import destroy, regenerate
from counterfoil.tokens.approve import approve, cancel, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.key_pair import create_pair, revoke_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.wish import Wish
from counterfoil.access.surface import ALL_SURFACES
from house import ORIGIN
from tokens.agency import READ, WRITE, Agency, request_of


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run jobs in threads that start together; return what each returned or raised."""
    gate, results = threading.Barrier(len(jobs)), list[object]([None] * len(jobs))

    def run(place: int, job: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = job()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def failures(results: Iterable[object]) -> list[CounterfoilError]:
    """Return what was refused; anything else that was raised breaks the test."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, CounterfoilError):
            raise result
    return [result for result in results if isinstance(result, CounterfoilError)]


def test_ten_parallel_creations_at_four_of_five(any_agency: Agency) -> None:
    """Ten at once with four existing give exactly one token (A5, S23)."""
    for number in range(4):
        any_agency.ask(any_agency.ada, f"token {number}")
    caller = any_agency.caller(any_agency.ada)

    def create() -> object:
        with any_agency.office.work(caller, ORIGIN) as work:
            return request_token(work, Wish(name="race", scopes=READ))

    refused = failures(at_once(*[create] * 10))
    assert [error.code for error in refused] == [Code.TOKEN_QUOTA_EXCEEDED] * 9
    assert any_agency.counts()["token"] == 5


@pytest.mark.parametrize("rival", ["approve", "deny", "cancel", "revoke", "edit"])
def test_a_request_is_decided_once(any_agency: Agency, rival: str) -> None:
    """Of an approval and a rival decision at once, one wins and the other is told so (S22)."""
    asked = any_agency.ask(any_agency.dan)
    bob = any_agency.hire("Bob", "admin")
    ada, bob_, dan = (
        any_agency.caller(user) for user in (any_agency.ada, bob, any_agency.dan)
    )
    id_ = request_of(asked)

    def approving() -> object:
        with any_agency.office.work(ada, ORIGIN) as work:
            return approve(work, id_, 1, Wish())

    def other() -> object:
        caller = bob_ if rival in {"approve", "deny"} else dan
        with any_agency.office.work(caller, ORIGIN) as work:
            if rival == "approve":
                return approve(work, id_, 1, Wish())
            if rival == "deny":
                return deny(work, id_, 1, "no")
            if rival == "cancel":
                return cancel(work, id_, 1)
            if rival == "edit":
                return edit(work, asked.token.id, Wish(scopes=READ | WRITE))
            return revoke(work, asked.token.id)

    results = at_once(approving, other)
    refused = failures(results)
    state = any_agency.state(asked.token.id)
    if rival in {"edit", "revoke"}:
        assert len(refused) <= 1  # the owner's act is always open to them; the approval may lose
        assert not isinstance(results[1], Exception)
    else:
        assert len(refused) == 1
    if rival == "revoke":
        assert state is State.REVOKED
    elif rival == "edit" and refused:
        assert state is State.PENDING
    elif not isinstance(results[0], Exception):
        assert state is State.ACTIVE
        if rival == "edit":  # the approval came first: what the edit asks for waits
            grant = any_agency.token(asked.token.id).grant_in(any_agency.id)
            assert grant.bounds.scopes == READ
    with any_agency.office.database.reading() as tx:
        assert len(store_request.open_requests_of(tx, asked.token.id)) == (rival == "edit")
    assert any_agency.hall.rebuilt() == any_agency.hall.replica.dump()


def test_revoking_beats_editing(any_agency: Agency) -> None:
    """Revoke and edit at once: whatever the order, the token ends revoked and nothing revives it (X15)."""
    for number in range(5):
        made = any_agency.granted(any_agency.dan, f"token {number}")
        dan = any_agency.caller(any_agency.dan)

        def revoking(id_: object = made.token.id) -> object:
            with any_agency.office.work(dan, ORIGIN) as work:
                return revoke(work, id_)  # type: ignore[arg-type]

        def editing(id_: object = made.token.id) -> object:
            with any_agency.office.work(dan, ORIGIN) as work:
                return edit(work, id_, Wish(name="edited"))  # type: ignore[arg-type]

        refused = failures(at_once(revoking, editing, revoking, editing))
        assert {error.code for error in refused} <= {Code.TOKEN_FINAL}
        assert any_agency.state(made.token.id) is State.REVOKED
        assert any_agency.hall.refusal(made.secret) == Code.INVALID_TOKEN


def test_minting_and_revoking_the_issuer(any_agency: Agency) -> None:
    """A token that mints while it is revoked leaves no live child behind (S24, R1)."""
    maker = any_agency.api_token("admin", surfaces=ALL_SURFACES)
    bearer, ada = any_agency.bearing(maker.secret), any_agency.caller(any_agency.ada)
    role = any_agency.roles["reader"].id

    def minting() -> object:
        with any_agency.office.work(bearer, ORIGIN) as work:
            return create_api_token(work, Wish(name="x", authority="role", subject=role))

    def revoking() -> object:
        with any_agency.office.work(ada, ORIGIN) as work:
            return destroy(work, maker.token.id)

    results = at_once(minting, minting, revoking, minting, minting)
    failures(results)
    made = [result for result in results if isinstance(result, tokens.Issued)]
    assert {any_agency.hall.refusal(one.secret) for one in made} <= {"INVALID_TOKEN"}


def test_exchanging_and_revoking_the_pair(any_agency: Agency) -> None:
    """A pair that is exchanged while it is revoked leaves no live token behind (A23)."""
    with any_agency.acting(any_agency.ada) as work:
        role = any_agency.roles["reader"].id
        pair = create_pair(work, Wish(name="pair", authority="role", subject=role))
    client, ada = tokens.as_client(pair.token), any_agency.caller(any_agency.ada)

    def exchanging() -> object:
        with any_agency.office.work(client, ORIGIN) as work:
            return tokens.exchange(work)

    def revoking() -> object:
        with any_agency.office.work(ada, ORIGIN) as work:
            return revoke_pair(work, pair.token.id)

    results = at_once(exchanging, exchanging, revoking, exchanging)
    failures(results)
    made = [result for result in results if isinstance(result, tokens.Issued)]
    assert {any_agency.hall.refusal(one.secret) for one in made} <= {"INVALID_TOKEN"}


def test_all_mine_while_more_are_made(any_agency: Agency) -> None:
    """Revoke all, twice at once and while another is made, neither fails nor revives anything (G15)."""
    made = [any_agency.ask(any_agency.ada, f"token {number}") for number in range(4)]
    ada = any_agency.caller(any_agency.ada)

    def all_mine() -> object:
        with any_agency.office.work(ada, ORIGIN) as work:
            return revoke_mine(work)

    def create() -> object:
        with any_agency.office.work(ada, ORIGIN) as work:
            return request_token(work, Wish(name="new", scopes=READ))

    assert failures(at_once(all_mine, create, all_mine)) == []
    assert {any_agency.hall.refusal(one.secret) for one in made} == {"INVALID_TOKEN"}


def test_no_statement_updates_a_digest(any_agency: Agency) -> None:
    """With a trigger that forbids it, every verb of a token's life still works (S4)."""
    agency = any_agency
    with agency.office.database.engine.begin() as tx:
        _forbid_digest_updates(tx, embedded=agency.office.database.embedded)
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="renamed"))
        revoke(work, made.token.id)
    service = agency.api_token()
    with agency.acting(agency.ada) as work:
        regenerate(work, service.token.id, timedelta(hours=1))
        regenerate(work, service.token.id)
        destroy(work, service.token.id)
    with pytest.raises(DatabaseError), agency.office.database.engine.begin() as tx:
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


def test_the_database_refuses_what_cannot_be(any_agency: Agency) -> None:
    """Digests are unique and 32 bytes long, and a token has one open request at most (S4, S22)."""
    asked = any_agency.ask(any_agency.dan)
    database = any_agency.office.database
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


def test_no_secret_is_in_the_database(any_agency: Agency) -> None:
    """A dump of every table holds no secret, in any spelling: nothing to recover (S9, A12, G5)."""
    agency = any_agency
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
