"""Whoever asked reminds those who may decide, once a day."""

from __future__ import annotations

import pytest

from counterfoil.kernel.errors import Code, Conflict, Denied
from counterfoil.kernel.page import Wanted
from counterfoil.notices.model import Kind
from counterfoil.notices.read import list_notices
from counterfoil.tokens.approve import cancel
from counterfoil.tokens.remind import remind
from support.office import StandingClock
from support.tokens import Agency, request_of

pytestmark = pytest.mark.each_engine


def told(agency: Agency) -> list[str]:
    """Return of what the approver was reminded."""
    with agency.looking(agency.ada) as work:
        found = list_notices(work, Wanted(100), unread=False).items
    return [one.title for one in found if one.kind is Kind.REQUEST_REMINDED]


def test_once_a_day(agency: Agency, clock: StandingClock) -> None:
    """Approvers are reminded by name of the token, and again only a day later (A10d)."""
    asked = agency.ask(agency.dan, "nightly")
    with agency.acting(agency.dan) as work:
        remind(work, request_of(asked))
    assert told(agency) == ["DanAcme reminds you of the token nightly"]
    clock.move_on(hours=23)
    with pytest.raises(Conflict) as refused, agency.acting(agency.dan) as work:
        remind(work, request_of(asked))
    assert "again_at" in refused.value.meta
    assert len(told(agency)) == 1
    clock.move_on(hours=1)
    with agency.acting(agency.dan) as work:
        remind(work, request_of(asked))
    assert len(told(agency)) == 2


def test_only_of_ones_own_and_only_while_it_waits(agency: Agency) -> None:
    """Nobody else reminds of a request, and nobody of one that is decided (A11)."""
    asked = agency.ask(agency.dan)
    with pytest.raises(Denied), agency.acting(agency.ada) as work:
        remind(work, request_of(asked))
    with agency.acting(agency.dan) as work:
        cancel(work, request_of(asked), 1)
    with pytest.raises(Conflict) as refused, agency.acting(agency.dan) as work:
        remind(work, request_of(asked))
    assert refused.value.code is Code.REQUEST_CLOSED
    assert told(agency) == []
