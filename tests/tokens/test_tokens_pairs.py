"""Key-and-secret pairs, and the short-lived tokens that are given for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest

from counterfoil import tokens
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.directory.enroll import deactivate, reactivate
from counterfoil.gate.record.usage import Outcome
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, Refused
from counterfoil.kernel.page import Wanted
from counterfoil.secret import Kind
from counterfoil.tokens import Issued
from counterfoil.tokens.key_pair import create_pair, edit_pair, list_pairs, revoke_pair, show_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.request import request_token
from counterfoil.tokens.store import rows
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import READ, WRITE, Agency

pytestmark = pytest.mark.each_engine


def pair(agency: Agency, **wish: object) -> Issued:
    """Make a pair of the editor role."""
    asked = {"name": "pipeline", "authority": "role", "subject": agency.roles["editor"].id, **wish}
    with agency.acting(agency.ada) as work:
        return create_pair(work, Wish(surfaces=ALL_SURFACES, **asked))  # type: ignore[arg-type]


def exchange(agency: Agency, made: Issued, scopes: int | None = None) -> Issued:
    """Exchange a pair as the token endpoint does."""
    with agency.office.database.reading() as tx:
        found = tokens.pair_for(tx, str(made.token.id), made.secret.digest)
    with agency.office.work(tokens.as_client(found), ORIGIN) as work:
        return tokens.exchange(work, scopes)


def test_a_pair_is_exchanged_for_a_short_token(agency: Agency) -> None:
    """Id and secret give ten minutes of the pair's power, beside personal tokens (A15)."""
    made = pair(agency)
    assert made.secret.reveal().startswith("cfk_")
    given = exchange(agency, made)
    caller = agency.hall.verify(given.secret)
    assert (caller.method, caller.token) == (Method.EXCHANGED, given.token.id)
    assert caller.expires_at == START + timedelta(minutes=10)
    assert caller.grant.scopes == agency.roles["editor"].scopes
    personal = agency.ask(agency.ada)
    assert agency.hall.refusal(personal.secret) == "allowed"


def test_the_secret_of_a_pair_is_no_bearer(agency: Agency) -> None:
    """A client secret opens no gate, whatever the pair may do (A15, CONTRACT: string)."""
    assert agency.hall.refusal(pair(agency).secret) == Code.INVALID_TOKEN


@pytest.mark.parametrize("wrong", ["id", "secret", "other", "form", "token"])
def test_a_pair_is_named_by_both_halves(agency: Agency, wrong: str) -> None:
    """A wrong id, a wrong secret, or another token's, are refused alike (A15, S13)."""
    made, other, service = pair(agency), pair(agency), agency.api_token()
    key, digest = {
        "id": ("6000000000000000", made.secret.digest),
        "secret": (str(made.token.id), bytes(32)),
        "other": (str(made.token.id), other.secret.digest),
        "form": ("pipeline", made.secret.digest),
        "token": (str(service.token.id), service.secret.digest),
    }[wrong]
    with pytest.raises(Refused) as refused, agency.office.database.reading() as tx:
        tokens.pair_for(tx, key, digest)
    assert (refused.value.code, refused.value.detail) == (Code.INVALID_TOKEN, "")


def test_an_exchange_may_ask_for_less(agency: Agency) -> None:
    """The endpoint gives fewer scopes when fewer are asked for, and never more (A15, S24)."""
    made = pair(agency, scopes=READ | WRITE)
    assert agency.hall.verify(exchange(agency, made, READ).secret).grant.scopes == READ
    with pytest.raises(Invalid) as refused:
        exchange(agency, made, READ | 1 << 2)
    assert refused.value.code is Code.SCOPE_ABOVE_ROLE


def test_a_given_token_never_outlives_its_pair(agency: Agency, clock: StandingClock) -> None:
    """Nine minutes before the pair ends, what it gives lives nine minutes (S24)."""
    made = pair(agency, expires_at=START + timedelta(minutes=9))
    given = exchange(agency, made)
    assert given.token.expires_at == made.token.expires_at
    clock.move_on(minutes=9)
    assert agency.hall.refusal(given.secret) == Code.TOKEN_EXPIRED
    with pytest.raises(Refused) as refused:
        exchange(agency, made)
    assert refused.value.code is Code.TOKEN_EXPIRED


def test_revoking_a_pair_ends_what_it_gave(agency: Agency) -> None:
    """The tokens of a revoked pair are refused at the next request, and it gives no more (A23)."""
    made, other = pair(agency), pair(agency)
    given, spared = [exchange(agency, made) for _ in range(3)], exchange(agency, other)
    caller = tokens.as_client(made.token)
    with agency.acting(agency.ada) as work:
        gone = revoke_pair(work, made.token.id)
    assert gone.revoked_position == work.position
    assert {agency.hall.refusal(one.secret) for one in given} == {"INVALID_TOKEN"}
    assert agency.hall.refusal(spared.secret) == "allowed"
    with pytest.raises(Refused):
        exchange(agency, made)
    with pytest.raises(Refused), agency.office.work(caller, ORIGIN) as work:
        tokens.exchange(work)
    with agency.acting(agency.ada) as work:
        assert revoke_pair(work, made.token.id) == gone


def test_an_earlier_end_of_a_pair_ends_what_it_gave(agency: Agency, clock: StandingClock) -> None:
    """What a pair gave ends with it, also where that comes earlier than it was (A23)."""
    made, other = pair(agency), pair(agency)
    given, spared = exchange(agency, made), exchange(agency, other)
    sooner = START + timedelta(minutes=2)
    for ends_at in (START + timedelta(minutes=20), sooner):
        with agency.acting(agency.ada) as work:
            edit_pair(work, made.token.id, Wish(expires_at=ends_at))
        expected = min(given.token.expires_at or ends_at, ends_at)
        assert agency.token(given.token.id).expires_at == expected
        assert agency.hall.verify(given.secret).expires_at == expected
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    clock.move_on(minutes=2)
    assert agency.hall.refusal(given.secret) == Code.TOKEN_EXPIRED
    assert agency.hall.refusal(spared.secret) == "allowed"


def test_a_pair_of_somebody_away_gives_nothing(agency: Agency) -> None:
    """A pair whose user is away, or was never chosen, is refused at once (Q9, Q18)."""
    made = pair(agency, authority="user", subject=agency.dan)
    nobodys = pair(agency, authority="user", subject=None)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    before = agency.counts()
    for one, why in ((made, Code.OWNER_DEACTIVATED), (nobodys, Code.TOKEN_HAS_NO_USER)):
        with pytest.raises(Refused) as refused:
            exchange(agency, one)
        assert refused.value.code is why
    assert agency.counts() == before
    with agency.acting(agency.ada) as work:
        reactivate(work, agency.dan)
    assert agency.hall.refusal(exchange(agency, made).secret) == "allowed"


def test_admins_manage_pairs(agency: Agency) -> None:
    """Who manages tokens creates, lists, names and revokes pairs, in a session (A23)."""
    made = pair(agency)
    with agency.acting(agency.ada) as work:
        edit_pair(work, made.token.id, Wish(name="nightly"))
    with agency.looking(agency.ada) as work:
        assert [one.name for one in list_pairs(work, Wanted()).items] == ["nightly"]
        assert show_pair(work, made.token.id).hint == made.secret.hint
    for attempt in (
        lambda work: create_pair(work, Wish(name="x", authority="user", subject=None)),
        lambda work: list_pairs(work, Wanted()),
        lambda work: edit_pair(work, made.token.id, Wish(name="x")),
        lambda work: revoke_pair(work, made.token.id),
    ):
        for user, method in (
            (agency.dan, Method.SESSION),
            (agency.ada, Method.PERSONAL),
            (agency.ada, Method.SERVICE),
            (agency.ada, Method.EXCHANGED),
        ):
            with pytest.raises(Denied), agency.acting(user, method) as work:
                attempt(work)
    with agency.acting(agency.ada) as work:
        revoke_pair(work, made.token.id)
    with pytest.raises(Conflict), agency.acting(agency.ada) as work:
        edit_pair(work, made.token.id, Wish(name="again"))


def test_pairs_that_nobody_uses_are_found(agency: Agency) -> None:
    """Pairs are sought and sorted as tokens are: by use, by state, by name (G12e, A23)."""
    used, idle, gone = (
        pair(agency, name=name, expires_at=START + timedelta(days=200))
        for name in ("used", "idle", "gone")
    )
    with agency.acting(agency.ada) as work:
        revoke_pair(work, gone.token.id)
    agency.hall.clock.move_on(days=100)
    bearer = agency.hall.verify(exchange(agency, used).secret)
    agency.hall.usage.count(bearer, Surface.DELIVERY, Outcome.ALLOWED, "curl/8", "192.0.2.7")
    agency.hall.tally.flush()
    door = agency.door(agency.caller(agency.ada))

    def found(**query: str) -> list[str]:
        asked = urlencode({f"filter[{name}]": value for name, value in query.items()})
        listed = door("GET", "/cma/key_pairs", query=f"{asked}&sort=name").json["data"]
        return [one["attributes"]["name"] for one in listed]

    since = (agency.hall.clock() - timedelta(days=90)).isoformat().replace("+00:00", "Z")
    assert found() == ["gone", "idle", "used"]
    assert found(last_used_before=since) == ["gone", "idle"]
    assert found(last_used_before=since, state="active,disabled") == ["idle"]
    assert found(used="true") == ["used"]
    assert found(query=idle.secret.hint[-4:]) == ["idle"]
    assert door("GET", "/cma/key_pairs", query="filter[state]=odd").status_code == 400


def test_a_pair_mints_no_personal_token(agency: Agency) -> None:
    """What a pair gives asks for no personal token, not even for its user (A23, G3)."""
    made = pair(agency, authority="user", subject=agency.ada)
    given = exchange(agency, made)
    with pytest.raises(Denied) as refused, agency.with_token(given.secret) as work:
        request_token(work, Wish(name="x", scopes=READ))
    assert refused.value.code is Code.PAT_CANNOT_CREATE_PAT


def test_a_pair_exceeds_nobody(agency: Agency) -> None:
    """A pair is of at most its maker's power (K4, D11)."""
    agency.role("manager", Scope.TOKENS_MANAGE)
    max_ = agency.hire("Max", "manager")
    with pytest.raises(Denied), agency.acting(max_) as work:
        create_pair(work, Wish(name="x", authority="role", subject=agency.roles["reader"].id))


def test_the_user_behind_a_pair_leaves(agency: Agency) -> None:
    """Tokens of a pair that acts for a user die with the user's membership (Q18, S20)."""
    made = pair(agency, authority="user", subject=agency.dan)
    given = exchange(agency, made)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    assert agency.hall.refusal(given.secret) != "allowed"


def test_the_gates_forget_expired_ones(agency: Agency, clock: StandingClock) -> None:
    """An exchanged token is in every replica while it lives, and swept after (A15)."""
    given = exchange(agency, pair(agency))
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    clock.move_on(minutes=10)
    assert agency.hall.refusal(given.secret) == Code.TOKEN_EXPIRED
    assert tokens.sweep(agency.office) == 0
    clock.move_on(hours=1, seconds=1)
    assert tokens.sweep(agency.office) == 1
    assert agency.hall.refusal(given.secret) == Code.INVALID_TOKEN
    assert agency.state(given.token.id) is State.REVOKED
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_many_are_forgotten_together(agency: Agency, clock: StandingClock) -> None:
    """Expired tokens are swept many at a time, and one that cannot be is left for later (A15)."""
    made = pair(agency)
    given = [exchange(agency, made) for _ in range(5)]
    clock.move_on(hours=2)
    with patch.object(agency.office, "work", wraps=agency.office.work) as began:
        assert tokens.sweep(agency.office) == 5
    assert began.call_count == 1
    assert {agency.state(one.token.id) for one in given} == {State.REVOKED}
    assert agency.trail().count(("token.forget", "allowed")) == 5
    late = [exchange(agency, made) for _ in range(3)]
    clock.move_on(hours=2)
    hold = rows.hold

    def stuck(tx: Any, organization: Any, id_: Any, kinds: Any) -> Any:
        if id_ == late[1].token.id:
            raise Conflict
        return hold(tx, organization, id_, kinds)

    with patch.object(rows, "hold", stuck):
        assert tokens.sweep(agency.office) == 2
    assert tokens.sweep(agency.office) == 1


def test_a_holder_is_found_by_digest(agency: Agency) -> None:
    """The revocation endpoint finds a token by its secret and ends it (S14)."""
    made = agency.ask(agency.ada)
    with agency.office.database.reading() as tx:
        found = tokens.holder_of(tx, made.secret.digest)
        assert tokens.holder_of(tx, bytes(32)) is None
    assert found is not None
    assert (found.id, found.kind) == (made.token.id, Kind.PERSONAL)
    with agency.operating() as work:
        tokens.surrender(work, found.id)
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN
    with agency.office.database.reading() as tx:
        assert tokens.holder_of(tx, made.secret.digest) is None
