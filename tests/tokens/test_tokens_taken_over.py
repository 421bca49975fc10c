"""Tokens of another system, taken over by their hashes: used as they are, bound as our own."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from counterfoil.access.caller import Method, Origin
from counterfoil.directory import operator
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.secret import Foreign, Kind, Secret
from counterfoil.tokens.api_token_edit import regenerate, revoke_api_token
from counterfoil.tokens.model import Token
from counterfoil.tokens.report_leak import receive
from counterfoil.tokens.take_over import take_over
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.tokens import READ, Agency

pytestmark = pytest.mark.each_engine

OLD = "sk_live_4fGh5jK2lPq9ZxCvB7nM1wErT"
HEX = "cf8fad5bd9cb469fa16570867728950e"


def foreign(text: str) -> Foreign:
    return Foreign(hashlib.sha256(text.encode()).digest(), "sk_…")


def taken_over(agency: Agency, text: str, **said: object) -> Token:
    """Take over a token for the developer's authority, as the operator does."""
    wish = Wish(**{  # type: ignore[arg-type]
        "name": "old", "inherit": True, "authority": "user", "subject": agency.dan,
        "expires_at": START + timedelta(days=30), **said,
    })  # fmt: skip
    with agency.hall.office.work(operator(agency.id), Origin("operator")) as work:
        return take_over(work, wish, foreign(text), 190)


@pytest.mark.parametrize("text", [OLD, HEX, "a" * 16, "~" * 256])
def test_who_has_one_goes_on_using_it(agency: Agency, text: str) -> None:
    """A token that another system minted verifies as it is, as the API token that it became."""
    made = taken_over(agency, text, scopes=READ, inherit=False)
    caller = agency.hall.verify(text)
    assert (caller.token, caller.method, caller.user) == (made.id, Method.SERVICE, agency.dan)
    assert caller.grant.scopes == READ
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


@pytest.mark.parametrize(
    "near", [OLD[:-1], OLD + "0", OLD.swapcase(), f" {OLD}", f"{OLD}\n", OLD.replace("_", "%5F")]
)
def test_only_the_exact_string(agency: Agency, near: str) -> None:
    """Nothing near a token that was taken over verifies (S3)."""
    taken_over(agency, OLD)
    assert agency.hall.refusal(near) == Code.INVALID_TOKEN


def test_a_hash_opens_nothing(agency: Agency) -> None:
    """Neither the hash nor what we keep of it is a token, in whatever spelling (S4)."""
    taken_over(agency, OLD)
    kept = foreign(OLD)
    for known in (kept.sha256, kept.digest):
        assert agency.hall.refusal(known.hex()) == Code.INVALID_TOKEN


def test_what_begins_like_ours_is_ours_or_nothing(agency: Agency) -> None:
    """No hash opens to a string that begins like our tokens and is none: cut short, say (S3)."""
    ours = agency.granted(agency.dan).secret.reveal()
    pair = Secret.mint(Kind.CLIENT, agency.hall.entropy).reveal()
    for text in (ours[:-1], pair):
        taken_over(agency, text)
        assert agency.hall.refusal(text) == Code.INVALID_TOKEN
    assert agency.hall.refusal(ours) == "allowed"


def test_it_lives_as_any_api_token(agency: Agency, clock: StandingClock) -> None:
    """It gets a secret of ours, its old one may go on for a while, and its end holds (X17)."""
    made = taken_over(agency, OLD)
    with agency.acting(agency.ada) as work:
        fresh = regenerate(work, made.id, timedelta(hours=1)).secret
    assert agency.hall.refusal(OLD) == agency.hall.refusal(fresh) == "allowed"
    clock.move_on(hours=2)
    assert agency.hall.refusal(OLD) == Code.INVALID_TOKEN
    assert agency.hall.refusal(fresh) == "allowed"
    clock.move_on(days=30)
    assert agency.hall.refusal(fresh) == Code.TOKEN_EXPIRED


def test_who_holds_one_may_report_or_end_it(agency: Agency) -> None:
    """A leaked one is reported by whoever found it, as ours are (S15)."""
    taken_over(agency, OLD)
    receive(agency.hall.office, OLD, "https://example.com/gist", Origin("report", "192.0.2.1"))
    assert agency.hall.refusal(OLD) != "allowed"


def test_a_revoked_one_stays_revoked(agency: Agency) -> None:
    """A hash that is or was a secret here is no other token's; what is final stays so (G11)."""
    made = taken_over(agency, OLD)
    with pytest.raises(Conflict):
        taken_over(agency, OLD)
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, made.id)
    with pytest.raises(Conflict):
        taken_over(agency, OLD)
    assert agency.hall.refusal(OLD) == Code.INVALID_TOKEN


def test_what_can_be_guessed_is_refused(agency: Agency) -> None:
    """A token with fewer than 112 random bits is not taken over, and that is on record (S6)."""
    wish = Wish(name="weak", inherit=True, authority="user", subject=agency.dan)
    with (
        pytest.raises(Invalid) as refused,
        agency.hall.office.work(operator(agency.id), Origin("operator")) as work,
    ):
        take_over(work, wish, foreign("correct-horse-battery"), 111)
    assert refused.value.field == "/data/attributes/bits"
    assert agency.trail()[-1][:2] == ("api_token.take_over", "INVALID_FIELD")


def test_no_request_takes_one_over(agency: Agency) -> None:
    """Whoever says a hash chooses a secret: a person does not, whatever they may do (Q5, S1)."""
    wish = Wish(name="mine", inherit=True, authority="user", subject=agency.dan)
    with pytest.raises(Denied), agency.acting(agency.ada) as work:
        take_over(work, wish, foreign(OLD), 190)
    assert agency.hall.refusal(OLD) == Code.INVALID_TOKEN
