"""Whoever rotates the secret of an API token sees whether anybody still comes with the old one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.access.surface import Surface
from counterfoil.tokens.api_token_edit import regenerate
from counterfoil.tokens.steps.last_use import former_secrets
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.usage_model import Former
from support.office import StandingClock
from support.tokens import Agency

pytestmark = pytest.mark.each_engine

HOUR = timedelta(hours=1)


def come(agency: Agency, made: Issued, agent: str) -> None:
    """Come with a secret, and have that written."""
    door = agency.door(made.secret)
    door.raw("GET", "/cma/token", headers={"User-Agent": agent})
    agency.hall.tally.flush()


def former(agency: Agency, made: Issued) -> list[Former]:
    with agency.looking(agency.ada) as work:
        return former_secrets(work, made.token.id)


def test_the_old_one_was_last_seen(agency: Agency, clock: StandingClock) -> None:
    """In its grace the old secret says when it was last seen, and the new one does not (X19)."""
    made = agency.api_token(surfaces=sum(one.bit for one in Surface))
    come(agency, made, "ci-runner/3")
    assert former(agency, made) == []
    with agency.acting(agency.ada) as work:
        new = regenerate(work, made.token.id, HOUR)
    dies_at, hint = clock() + HOUR, made.secret.hint
    come(agency, new, "web/2")
    assert former(agency, made) == [Former(hint, dies_at, None, "", "")]
    clock.move_on(minutes=5)
    come(agency, made, "ci-runner/3")
    (seen,) = former(agency, made)
    assert (seen.seen_at, seen.client) == (clock(), "ci-runner/3")
    clock.move_on(minutes=5)
    come(agency, made, "cron/1")
    come(agency, new, "web/2")
    assert [one.client for one in former(agency, made)] == ["cron/1"]
    clock.move_on(hours=1)
    come(agency, made, "too-late/1")
    assert former(agency, made) == []


def test_what_is_written_late_is_not_later(agency: Agency, clock: StandingClock) -> None:
    """What one process could not write counts again, and turns nothing back (R16)."""
    made = agency.api_token(surfaces=sum(one.bit for one in Surface))
    with agency.acting(agency.ada) as work:
        regenerate(work, made.token.id, HOUR)
    usage = agency.hall.usage
    agency.door(made.secret).raw("GET", "/cma/token", headers={"User-Agent": "early/1"})
    early = usage.take_seen()
    clock.move_on(minutes=1)
    come(agency, made, "late/1")
    usage.give_back_seen(early)
    clock.move_on(seconds=1)
    agency.door(agency.api_token(surfaces=sum(one.bit for one in Surface)).secret).raw(
        "GET", "/cma/token"
    )
    agency.hall.tally.flush()
    assert [one.client for one in former(agency, made)] == ["late/1"]


def test_what_came_before_is_not_since(agency: Agency, clock: StandingClock) -> None:
    """What was seen before a secret was replaced, and is written after, is not told (X19)."""
    made = agency.api_token(surfaces=sum(one.bit for one in Surface))
    agency.door(made.secret).raw("GET", "/cma/token", headers={"User-Agent": "before/1"})
    clock.move_on(seconds=2)
    with agency.acting(agency.ada) as work:
        regenerate(work, made.token.id, HOUR)
    agency.hall.tally.flush()
    assert [one.seen_at for one in former(agency, made)] == [None]
    clock.move_on(seconds=1)
    come(agency, made, "since/1")
    assert [one.client for one in former(agency, made)] == ["since/1"]
