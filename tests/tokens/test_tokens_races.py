"""What happens when two do it at once, on both engines; and what the database keeps of a secret."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pytest

from counterfoil import tokens
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.operation import Work
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import revoke_api_token
from counterfoil.tokens.approve import approve, cancel, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.key_pair import create_pair, revoke_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.steps.requests import Decided, Edited
from counterfoil.tokens.store import requests
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN
from support.tokens import READ, WRITE, Agency, request_of

pytestmark = pytest.mark.each_engine


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


def acting(agency: Agency, who: UserId, act: Callable[[Work], object]) -> Callable[[], object]:
    """Return a job that does something as somebody, with the power that they have now."""
    caller = agency.caller(who)

    def job() -> object:
        with agency.office.work(caller, ORIGIN) as work:
            return act(work)

    return job


def failures(results: Iterable[object]) -> list[CounterfoilError]:
    """Return what was refused; anything else that was raised breaks the test."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, CounterfoilError):
            raise result
    return [result for result in results if isinstance(result, CounterfoilError)]


def test_ten_parallel_creations_at_four_of_five(agency: Agency) -> None:
    """Ten at once with four existing give exactly one token (A5, S23)."""
    for number in range(4):
        agency.ask(agency.ada, f"token {number}")
    caller = agency.caller(agency.ada)

    def create() -> object:
        with agency.office.work(caller, ORIGIN) as work:
            return request_token(work, Wish(name="race", scopes=READ))

    refused = failures(at_once(*[create] * 10))
    assert [error.code for error in refused] == [Code.TOKEN_QUOTA_EXCEEDED] * 9
    assert agency.counts()["token"] == 5


@pytest.mark.parametrize("rival", ["approve", "deny", "cancel"])
def test_two_decide_at_once(agency: Agency, rival: str) -> None:
    """Of an approval and a rival decision at once, one wins and the other is told so (S22)."""
    asked = agency.ask(agency.dan)
    bob = agency.hire("Bob", "admin")
    id_ = request_of(asked)
    who, act = {
        "approve": (bob, lambda work: approve(work, id_, 1, Wish())),
        "deny": (bob, lambda work: deny(work, id_, 1, "no")),
        "cancel": (agency.dan, lambda work: cancel(work, id_, 1)),
    }[rival]
    results = at_once(
        acting(agency, agency.ada, lambda work: approve(work, id_, 1, Wish())),
        acting(agency, who, act),
    )
    (lost,) = failures(results)
    assert lost.code is Code.STALE_VERSION
    (won,) = (result for result in results if result is not lost)
    assert isinstance(won, Decided)
    assert agency.state(asked.token.id) is won.token.state_in(agency.id)
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_an_approval_meets_a_revocation(agency: Agency) -> None:
    """Approve and revoke at once: whichever comes first, the token ends revoked (S22, X15)."""
    asked = agency.ask(agency.dan)
    id_ = request_of(asked)
    results = at_once(
        acting(agency, agency.ada, lambda work: approve(work, id_, 1, Wish())),
        acting(agency, agency.dan, lambda work: revoke(work, asked.token.id)),
    )
    assert isinstance(results[1], tokens.Token)
    assert len(failures(results)) <= 1
    assert agency.hall.refusal(asked.secret) == Code.INVALID_TOKEN
    with agency.office.database.reading() as tx:
        assert requests.open_requests_of(tx, asked.token.id) == []


def test_an_approval_meets_an_edit(agency: Agency) -> None:
    """Approve and widen at once: nothing is in force that the approver did not read (S22, A10c)."""
    asked = agency.ask(agency.dan)
    id_, wider = request_of(asked), Wish(scopes=READ | WRITE)
    results = at_once(
        acting(agency, agency.ada, lambda work: approve(work, id_, 1, Wish())),
        acting(agency, agency.dan, lambda work: edit(work, asked.token.id, wider)),
    )
    assert isinstance(results[1], Edited)
    token = agency.token(asked.token.id)
    if failures(results):
        assert token.state_in(agency.id) is State.PENDING
    else:
        assert agency.hall.verify(asked.secret).grant.scopes == READ
    with agency.office.database.reading() as tx:
        assert len(requests.open_requests_of(tx, asked.token.id)) == 1


def test_revoking_beats_editing(agency: Agency) -> None:
    """Revoke and edit at once: the token ends revoked, and nothing revives it (X15)."""
    for number in range(5):
        made = agency.granted(agency.dan, f"token {number}")
        _revoke_and_edit(agency, made.token.id)
        assert agency.state(made.token.id) is State.REVOKED
        assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN


def _revoke_and_edit(agency: Agency, id_: TokenId) -> None:
    revoking = acting(agency, agency.dan, lambda work: revoke(work, id_))
    editing = acting(agency, agency.dan, lambda work: edit(work, id_, Wish(name="edited")))
    refused = failures(at_once(revoking, editing, revoking, editing))
    assert {error.code for error in refused} <= {Code.TOKEN_FINAL}


def test_minting_and_revoking_the_issuer(agency: Agency) -> None:
    """A token that mints while it is revoked leaves no live child behind (S24, R1)."""
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    bearer, ada = agency.bearing(maker.secret), agency.caller(agency.ada)
    role = agency.roles["reader"].id

    def minting() -> object:
        with agency.office.work(bearer, ORIGIN) as work:
            return create_api_token(work, Wish(name="x", authority="role", subject=role))

    def revoking() -> object:
        with agency.office.work(ada, ORIGIN) as work:
            return revoke_api_token(work, maker.token.id)

    results = at_once(minting, minting, revoking, minting, minting)
    failures(results)
    made = [result for result in results if isinstance(result, tokens.Issued)]
    assert {agency.hall.refusal(one.secret) for one in made} <= {"INVALID_TOKEN"}


def test_exchanging_and_revoking_the_pair(agency: Agency) -> None:
    """A pair that is exchanged while it is revoked leaves no live token behind (A23)."""
    with agency.acting(agency.ada) as work:
        role = agency.roles["reader"].id
        pair = create_pair(work, Wish(name="pair", authority="role", subject=role))
    client, ada = tokens.as_client(pair.token), agency.caller(agency.ada)

    def exchanging() -> object:
        with agency.office.work(client, ORIGIN) as work:
            return tokens.exchange(work)

    def revoking() -> object:
        with agency.office.work(ada, ORIGIN) as work:
            return revoke_pair(work, pair.token.id)

    results = at_once(exchanging, exchanging, revoking, exchanging)
    failures(results)
    made = [result for result in results if isinstance(result, tokens.Issued)]
    assert {agency.hall.refusal(one.secret) for one in made} <= {"INVALID_TOKEN"}


def test_all_mine_while_more_are_made(agency: Agency) -> None:
    """Revoke all, twice and while another is made, neither fails nor revives (G15)."""
    made = [agency.ask(agency.ada, f"token {number}") for number in range(4)]
    ada = agency.caller(agency.ada)

    def all_mine() -> object:
        with agency.office.work(ada, ORIGIN) as work:
            return revoke_mine(work)

    def create() -> object:
        with agency.office.work(ada, ORIGIN) as work:
            return request_token(work, Wish(name="new", scopes=READ))

    assert failures(at_once(all_mine, create, all_mine)) == []
    assert {agency.hall.refusal(one.secret) for one in made} == {"INVALID_TOKEN"}
