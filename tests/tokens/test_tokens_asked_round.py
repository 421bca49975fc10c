"""There is no way round an approval that a rule asks for (K8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil import directory, tokens
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.renew import renew
from counterfoil.tokens.wish import Wish
from support.asked import NOBODY, change, until
from support.office import START
from support.tokens import PUBLISH, READ, WRITE, Agency, Hall

pytestmark = pytest.mark.each_engine


def test_what_was_approved_works(agency: Agency) -> None:
    """Once approved it works, or less of it does; and nobody approves what they asked for (S22)."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    asked = agency.ask(agency.dan, scopes=READ | PUBLISH)
    agency.approve(asked)
    assert agency.hall.verify(asked.secret).grant.scopes == READ | PUBLISH
    own = agency.ask(agency.ada, scopes=PUBLISH)
    with pytest.raises(CounterfoilError) as refused:
        agency.approve(own)
    assert refused.value.code is Code.OWN_REQUEST
    assert agency.hall.refusal(own.secret) == Code.TOKEN_PENDING_APPROVAL


def test_no_edit_goes_round_it(agency: Agency) -> None:
    """What an edit adds waits where a new token would; the rest of it holds at once (X14, A10c)."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    asked = agency.ask(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        done = edit(work, asked.token.id, Wish(scopes=READ | WRITE))
    assert not done.waits
    for wider in ({"scopes": READ | PUBLISH}, {"inherit": True}):
        with agency.acting(agency.dan) as work:
            done = edit(work, asked.token.id, Wish(**wider))
        assert done.waits
        assert not agency.hall.verify(asked.secret).grant.scopes & PUBLISH
    with agency.acting(agency.dan) as work:
        assert not edit(work, asked.token.id, Wish(scopes=READ)).waits
    assert agency.hall.verify(asked.secret).grant.scopes == READ


def test_asking_for_less_needs_nobody(agency: Agency) -> None:
    """Who takes out of a request what has to be approved has the token at once."""
    change(agency, approval_scopes=("content:publish",), approval_lifetime="P30D", **NOBODY)
    asked = agency.ask(agency.dan, scopes=READ | PUBLISH, **until(60))
    with agency.acting(agency.dan) as work:
        assert edit(work, asked.token.id, Wish(scopes=READ)).waits
    with agency.acting(agency.dan) as work:
        assert not edit(work, asked.token.id, Wish(**until(30))).waits
    assert agency.hall.verify(asked.secret).grant.scopes == READ
    assert agency.hall.verify(asked.secret).expires_at == START + timedelta(days=30)


def test_no_successor_goes_round_it(agency: Agency) -> None:
    """A successor of what was made before the rule waits as any new token; the old one goes on."""
    change(agency, **NOBODY)
    old = agency.ask(agency.dan, scopes=PUBLISH)
    change(agency, approval_scopes=("content:publish",))
    with agency.acting(agency.dan) as work:
        new = renew(work, old.token.id, Wish())
    assert new.request is not None
    assert agency.hall.refusal(new.secret) == Code.TOKEN_PENDING_APPROVAL
    assert agency.hall.refusal(old.secret) == "allowed"
    with agency.acting(agency.dan) as work:
        assert renew(work, old.token.id, Wish(scopes=READ)).request is None


def test_no_exchange_goes_round_it(agency: Agency) -> None:
    """What waits is exchanged for nothing, and what works for no more than it holds (S50)."""
    change(agency, approval_scopes=("content:publish",), **NOBODY)
    waiting = agency.ask(agency.dan, scopes=READ | PUBLISH)
    with pytest.raises(CounterfoilError) as refused, agency.with_token(waiting.secret) as work:
        tokens.attenuate(work, READ)
    assert refused.value.code is Code.TOKEN_PENDING_APPROVAL
    free = agency.ask(agency.dan, "free", scopes=READ)
    with pytest.raises(Invalid) as above, agency.with_token(free.secret) as work:
        tokens.attenuate(work, READ | PUBLISH)
    assert above.value.code is Code.SCOPE_ABOVE_ROLE
    with agency.acting(agency.dan) as work:
        edit(work, free.token.id, Wish(scopes=READ | PUBLISH))  # which waits
    with agency.with_token(free.secret) as work:
        child = tokens.attenuate(work)
    assert agency.hall.verify(child.secret).grant.scopes == READ


def test_no_other_organization_goes_round_it(hall: Hall) -> None:
    """A token of all organizations that follows its owner waits where its like would (K3)."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    for one in (acme, beta):
        change(one, **NOBODY)
    change(beta, approval_lifetime="P30D")
    made = {
        days: acme.ask(acme.dan, f"for {days}", span_all=True, **until(days)) for days in (20, 40)
    }
    with hall.database.reading() as tx:
        dan = directory.user(tx, acme.dan)
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["editor"].id])
    assert acme.state(made[20].token.id, beta.id) is State.ACTIVE
    assert acme.state(made[40].token.id, beta.id) is State.PENDING
    both = acme.ask(acme.dan, span_all=True, **until(40))
    assert both.token.state_in(acme.id) is State.ACTIVE
    assert both.token.state_in(beta.id) is State.PENDING


def test_api_tokens_ask_nobody(agency: Agency) -> None:
    """The organization's own tokens are made by who manages them, whatever they do (K8)."""
    change(agency, approval="everybody", approval_writes=True, approval_lifetime="P1D")
    made = agency.api_token(role="editor", **until(300))
    assert agency.hall.refusal(made.secret) == "allowed"
