"""What comes out of signing in, as the real gate sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import Connection

from counterfoil import content, directory, signin, tokens
from counterfoil.access.caller import Caller, Method
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import end
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Denied, Refused
from counterfoil.office import Office
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.request import request_token
from counterfoil.tokens.wish import Wish
from support.directory import Company
from support.office import ORIGIN, START, StandingClock
from support.signin import BEN, House, Visitor

Verify = Callable[[str], Caller]


def _records(tx: Connection) -> Iterator[AnyEvent]:
    return chain(content.records(tx), directory.records(tx), tokens.records(tx), signin.records(tx))


@pytest.fixture
def books(office: Office) -> Outbox:
    return Outbox(office.database, _records)


@pytest.fixture
def replica(tmp_path: Path, entropy: Entropy) -> Iterator[Replica]:
    replica = Replica(tmp_path / "replica", map_bytes=1 << 24, entropy=entropy)
    yield replica
    replica.close()


@pytest.fixture
def verify(replica: Replica, books: Outbox, house: House, clock: StandingClock) -> Verify:
    """The gate, which follows the feed before each look."""
    replica.ensure(books)
    verifier = Verifier(replica, clock, names=True)

    def look(presented: str) -> Caller:
        replica.catch_up(books, house.head())
        return verifier.verify(presented, house.id)

    return look


def test_the_gate_knows_who_signed_in(house: House, visitor: Visitor, verify: Verify) -> None:
    """An access token of ours is a session: the person, their live role, their last proof (G3)."""
    caller = verify(visitor.tokens()["access_token"])
    assert (caller.user, caller.method, caller.organization) == (
        house.ada,
        Method.SESSION,
        house.id,
    )
    assert caller.authenticated_at == START
    assert caller.grant.terms == house.member(house.ada).terms


@pytest.mark.parametrize("kind", ["refresh_token", "code", "cookie"])
def test_nothing_else_is_a_bearer(visitor: Visitor, verify: Verify, kind: str) -> None:
    """Refresh tokens, codes and cookies open nothing at the gate (S44)."""
    tokens_ = visitor.tokens()
    shown = {**tokens_, "code": visitor.code(), "cookie": visitor.cookies["counterfoil"]}[kind]
    with pytest.raises(Refused):
        verify(str(shown))


def test_an_access_token_lives_ten_minutes(
    visitor: Visitor, verify: Verify, clock: StandingClock
) -> None:
    """After ten minutes an access token is expired; a refresh brings another (S44)."""
    got = visitor.tokens()
    clock.move_on(minutes=10)
    with pytest.raises(Refused) as refusal:
        verify(got["access_token"])
    assert refusal.value.code is Code.TOKEN_EXPIRED
    assert verify(visitor.refresh(got["refresh_token"]).json["access_token"]).user


@pytest.mark.parametrize("how", ["signout", "revoke", "replay"])
def test_an_ended_session_is_unknown(visitor: Visitor, verify: Verify, how: str) -> None:
    """Signing out, revoking and a replayed code end the access token at once (S44, S48)."""
    visitor.sign_in()
    code = visitor.code()
    got = visitor.redeem(code).json
    verify(got["access_token"])
    if how == "signout":
        visitor.go("POST", "/signout")
    elif how == "revoke":
        visitor.go("POST", "/oauth/revoke", form={"token": got["refresh_token"]})
    else:
        visitor.redeem(code)
    with pytest.raises(Refused) as refusal:
        verify(got["access_token"])
    assert refusal.value.code is Code.INVALID_TOKEN


def test_a_deactivated_person_is_out_for_good(house: House, verify: Verify) -> None:
    """Deactivation kills live sessions at the gate; reactivation does not bring them back (S20)."""
    ben = Visitor(house.office)
    ben.sign_in(BEN)
    got = ben.redeem(ben.code()).json
    verify(got["access_token"])
    with house.operating() as work:
        deactivate_user(work, house.ben)
    with pytest.raises(Refused):
        verify(got["access_token"])
    with house.operating() as work:
        reactivate_user(work, house.ben)
    with pytest.raises(Refused):
        verify(got["access_token"])
    ben.sign_in(BEN)
    verify(ben.redeem(ben.code()).json["access_token"])


def test_a_refresh_does_not_outrun_a_cut_off(
    house: House, office: Office, verify: Verify, replica: Replica, clock: StandingClock
) -> None:
    """A session refreshed after its person left an organization is still dead there (S20, S21)."""
    other = Company(office, "Other")
    other.hire("Ben", "reader")
    ben = Visitor(house.office)
    ben.sign_in(BEN)
    got = ben.redeem(ben.code()).json
    with house.operating() as work:
        end(work, house.ben)
    clock.move_on(minutes=10)
    fresh = ben.refresh(got["refresh_token"])
    assert fresh.status == 200
    assert house.hire("Ben", "reader") == house.ben
    with pytest.raises((Refused, Denied)):
        verify(fresh.json["access_token"])
    there = Verifier(replica, clock).verify(fresh.json["access_token"], other.id)
    assert there.organization == other.id


def test_a_refresh_is_no_fresh_proof(
    house: House, visitor: Visitor, verify: Verify, clock: StandingClock
) -> None:
    """A refresh keeps the moment of the sign-in; 15 minutes after that nothing is minted (S44)."""
    got, wish = visitor.tokens(), Wish(name="laptop", inherit=True)
    for _ in range(2):
        clock.move_on(minutes=8)
        got = visitor.refresh(got["refresh_token"]).json
    session = verify(got["access_token"])
    assert session.authenticated_at == START
    with pytest.raises(Denied) as refusal, house.office.work(session, ORIGIN) as work:
        request_token(work, wish)
    assert refusal.value.code is Code.STEP_UP_REQUIRED
    again = verify(visitor.tokens()["access_token"])
    with house.office.work(again, ORIGIN) as work:
        assert request_token(work, wish).token.name == "laptop"


def test_a_rebuilt_replica_knows_the_same(
    visitor: Visitor,
    verify: Verify,
    replica: Replica,
    books: Outbox,
    clock: StandingClock,
) -> None:
    """Sessions read out of the database equal the sessions that the feed told (S19)."""
    got = visitor.tokens()
    verify(visitor.refresh(got["refresh_token"]).json["access_token"])
    ended = visitor.redeem(visitor.code()).json
    visitor.go("POST", "/oauth/revoke", form={"token": ended["access_token"]})
    clock.move_on(minutes=11)
    with pytest.raises(Refused):
        verify(ended["access_token"])
    followed = replica.dump()
    replica.rebuild(books)
    assert replica.dump() == followed


def test_only_a_session_asks_for_a_personal_token(
    house: House, visitor: Visitor, verify: Verify
) -> None:
    """A session may ask for a personal token; an exchanged one and a personal one get 403 (G4)."""
    session = verify(visitor.tokens()["access_token"])
    wish = Wish(name="laptop", inherit=True)
    with house.office.work(session, ORIGIN) as work:
        personal = request_token(work, wish).secret.reveal()
    with house.acting(house.ada) as work:
        pair = create_pair(
            work, Wish(name="build", authority="role", subject=house.roles["admin"].id)
        )
    exchanged = visitor.token(
        grant_type="client_credentials",
        client_id=str(pair.token.id),
        client_secret=pair.secret.reveal(),
    ).json["access_token"]
    for bearer in (personal, exchanged):
        caller = verify(bearer)
        with pytest.raises(Denied), house.office.work(caller, ORIGIN) as work:
            request_token(work, Wish(name="another", inherit=True))
