"""The audit trail told to a webhook: every entry, in order, and to nobody who may not read it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from counterfoil.access.scope import Scope
from counterfoil.audit.merkle import leaf_hash
from counterfoil.audit.record import VERSION, entries
from counterfoil.directory.enroll import assign
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.webhooks import trail
from counterfoil.webhooks.model import Message, State
from counterfoil.webhooks.policy import PAUSES
from counterfoil.webhooks.register import create_webhook
from counterfoil.webhooks.wish import Wish
from support.office import StandingClock
from support.webhooks import House

pytestmark = pytest.mark.each_engine
TRAIL = "audit.recorded"


def kept(house: House, after: int = 0) -> list[int]:
    """Return the positions of the organization's entries."""
    query = select(entries.c.position).where(entries.c.organization_id == house.id)
    with house.office.database.reading() as tx:
        return list(tx.scalars(query.where(entries.c.position > after).order_by("position")))


def test_entries_come_as_they_were_hashed(house: House) -> None:
    """What comes is signed, and is what the log's leaves are the hashes of (R14, R15)."""
    hook = house.register(TRAIL)
    house.granted(house.dan)
    house.deliver()
    assert hook.secret is not None
    (heard,) = house.hooks.heard
    said: Any = heard.verified(hook.secret)
    assert (said["type"], said["data"]["organization"]) == (
        TRAIL,
        spell(Prefix.ORGANIZATION, house.id),
    )
    last = said["data"]["entries"][-1]["position"]
    with house.office.database.reading() as tx:
        row = tx.execute(select(entries).where(entries.c.position == last)).one()
    told = bytes(row.body)[len(VERSION) :]
    assert told in heard.body
    assert leaf_hash(VERSION + told) == bytes(row.leaf)


def test_each_entry_comes_once_and_in_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """From when it was chosen every entry comes, in pieces, and none of before or of others."""
    monkeypatch.setattr(trail, "AT_ONCE", 2)
    house.granted(house.dan, "before")
    before = kept(house)[-1]
    hook = house.register(TRAIL, heard=False)
    other = House(house.hall, house.hooks)
    other.granted(other.dan)
    for number in range(4):
        house.granted(house.dan, f"token {number}")
    assert hook.secret is not None
    assert positions_of_trail(house, hook.secret) == kept(house, before)


def positions_of_trail(house: House, secret: str) -> list[int]:
    """Return the positions that one more turn tells, of all but greetings."""
    house.hooks.heard.clear()
    house.deliver()
    told: list[Any] = [one.verified(secret) for one in house.hooks.heard]
    trails = (said for said in told if said["type"] == TRAIL)
    return [entry["position"] for said in trails for entry in said["data"]["entries"]]


def test_what_was_not_heard_comes_again_and_alike(house: House, clock: StandingClock) -> None:
    """A stretch that did not come is sent again as it was, whatever went on record meanwhile."""
    hook = house.register(TRAIL)
    house.granted(house.dan)
    house.hooks.says(b"HTTP/1.1 500 Broken\r\n\r\n")
    house.deliver()
    (first,) = house.hooks.heard
    house.hooks.says(b"HTTP/1.1 204 Heard\r\n\r\n")
    house.granted(house.dan, "another")
    assert house.deliver() == 0  # what is new waits its turn
    clock.move_on(seconds=PAUSES[0].total_seconds() * 2)
    house.deliver()
    bodies = [one.body for one in house.hooks.heard]
    assert bodies[:2] == [first.body] * 2
    assert len(bodies) == 3
    states = {one.state for one in messages(house, hook.webhook)}
    assert states == {State.DELIVERED}


def messages(house: House, webhook: Any) -> list[Message]:
    """Return what a webhook was told of the trail."""
    return [one for one in house.messages(webhook) if one.event.kind == TRAIL]


def test_who_may_not_read_the_trail_is_told_none(house: House) -> None:
    """Its owner has to hold audit:read, and to go on doing so; what came meanwhile comes then."""
    keeper = house.role("keeper", Scope.POLICY_MANAGE)
    auditor = house.role("auditor", Scope.POLICY_MANAGE, Scope.AUDIT_READ)
    kim = house.hire("Kim", keeper.name)
    with house.acting(kim) as work:
        made = create_webhook(work, Wish(url=house.hooks.url, events=(TRAIL,)))
    assert made.secret is not None
    start = kept(house)[-2]  # that it was registered is the first that it is told
    house.granted(house.dan)
    assert positions_of_trail(house, made.secret) == []
    with house.acting(house.ada) as work:
        assign(work, kim, [auditor.id])
    told = positions_of_trail(house, made.secret)
    assert told == kept(house, start)
    with house.acting(house.ada) as work:
        assign(work, kim, [keeper.id])
    assert positions_of_trail(house, made.secret) == []


def test_off_and_on_again_leaves_nothing_out(house: House) -> None:
    """A webhook that was off is told what it missed; one that chose the trail anew is not."""
    hook = house.register(TRAIL)
    assert hook.secret is not None
    start = kept(house)[-1]
    house.edit(hook.webhook, enabled=False)
    house.granted(house.dan)
    assert positions_of_trail(house, hook.secret) == []
    house.edit(hook.webhook, enabled=True)
    assert positions_of_trail(house, hook.secret) == kept(house, start)
    house.edit(hook.webhook, events=("policy.changed",))
    house.granted(house.dan, "unheard")
    house.edit(hook.webhook, events=(TRAIL,))
    since = kept(house)[-2]
    assert positions_of_trail(house, hook.secret) == kept(house, since)
