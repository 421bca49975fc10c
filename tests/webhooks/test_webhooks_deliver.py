"""What becomes true is told: signed, at least once, and to nobody who may not know it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import assign, deactivate, reactivate
from counterfoil.kernel.errors import Conflict
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.notices.store import due
from counterfoil.recovery import quarantine
from counterfoil.runtime.outward import Failure
from counterfoil.tokens.revoke import revoke
from counterfoil.webhooks import forget
from counterfoil.webhooks.deliver import LEASE, Delivery
from counterfoil.webhooks.model import Standing, State
from counterfoil.webhooks.policy import PAUSES
from counterfoil.webhooks.remove import delete_webhook
from counterfoil.webhooks.resend import resend
from counterfoil.webhooks.rotate import rotate_secret
from counterfoil.webhooks.store import outbox
from support.office import StandingClock
from support.webhooks import House

pytestmark = pytest.mark.each_engine


def test_a_message_is_signed_and_thin(house: House) -> None:
    """Its receiver's own library knows it as ours, and it says ids alone (S53)."""
    hook = house.register("token.revoked")
    asked = house.granted(house.dan)
    with house.acting(house.ada) as work:
        revoke(work, asked.token.id)
    assert house.told() == ["token.revoked"]
    (heard,) = house.hooks.heard
    assert hook.secret is not None
    said = heard.verified(hook.secret)
    assert said == {
        "type": "token.revoked",
        "timestamp": said["timestamp"],
        "data": {
            "organization": spell(Prefix.ORGANIZATION, house.id),
            "token": spell(Prefix.TOKEN, asked.token.id),
        },
    }
    (message,) = house.messages(hook.webhook)
    assert (message.state, message.status, message.tries) == (State.DELIVERED, 200, 1)
    assert house.told() == []


def test_another_secret_does_not_verify(house: House) -> None:
    """Who does not know the secret cannot sign, and every webhook has one of its own."""
    one, other = house.register("token.created"), house.register("policy.changed")
    house.granted(house.dan)
    house.told()
    assert other.secret is not None
    with pytest.raises(WebhookVerificationError):
        house.hooks.heard[0].verified(other.secret)
    assert one.secret != other.secret


def test_a_new_webhook_is_greeted(house: House) -> None:
    """Whoever registers one sees at once whether it hears."""
    hook = house.register(heard=False)
    assert house.told() == ["webhook.ping"]
    assert hook.secret is not None
    said = house.hooks.heard[0].verified(hook.secret)
    assert said["data"] == {"webhook": spell(Prefix.WEBHOOK, hook.webhook.id)}


def test_nothing_is_told_of_what_did_not_happen(house: House) -> None:
    """A message is of the transaction of what it tells of: what rolls back is told to nobody."""
    house.register("token.revoked")
    asked = house.granted(house.dan)

    def fails() -> None:
        with house.acting(house.ada) as work:
            revoke(work, asked.token.id)
            message = "the power goes"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        fails()
    assert house.told() == []


def test_both_secrets_sign_for_a_day(house: House, clock: StandingClock) -> None:
    """While a receiver changes over, it verifies by the old secret or the new one."""
    old = house.register("token.created")
    with house.acting(house.ada) as work:
        new = rotate_secret(work, old.webhook.id)
    house.granted(house.dan)
    house.told()
    assert old.secret is not None
    assert new.secret is not None
    for secret in (old.secret, new.secret):
        house.hooks.heard[0].verified(secret)
    clock.move_on(days=1)
    house.granted(house.rea)
    house.told()
    assert "," not in house.hooks.heard[0].headers["webhook-signature"].removeprefix("v1,")


def test_a_message_is_tried_again_under_its_id(house: House, clock: StandingClock) -> None:
    """What was not heard comes again, later each time, and is given up after some two days."""
    hook = house.register("token.created")
    house.hooks.says(b"HTTP/1.1 500 Broken\r\n\r\n")
    house.granted(house.dan)
    ids = set()
    for tries, pause in enumerate(PAUSES, 1):
        assert house.told() == ["token.created"]
        ids.add(house.hooks.heard[0].id)
        (message,) = house.messages(hook.webhook)
        assert (message.state, message.tries, message.status) == (State.WAITING, tries, 500)
        assert message.due_at is not None
        assert pause <= message.due_at - clock.now <= pause * 1.2
        assert house.told() == []
        clock.now = message.due_at
    assert house.told() == ["token.created"]
    (message,) = house.messages(hook.webhook)
    assert (message.state, message.due_at) == (State.GIVEN_UP, None)
    assert len(ids) == 1
    house.hooks.says(b"HTTP/1.1 204 Heard\r\n\r\n")
    with house.acting(house.ada) as work:
        resend(work, hook.webhook.id, message.id)
    assert house.told() == ["token.created"]
    assert house.hooks.heard[0].id in ids
    assert house.messages(hook.webhook)[0].state is State.DELIVERED


def test_what_somebody_died_over_is_sent_again(house: House, clock: StandingClock) -> None:
    """A message that a process took and never spoke of again is another one's later."""
    house.register("token.created")
    house.granted(house.dan)
    with house.office.database.transaction() as tx:
        assert len(outbox.take(tx, clock.now, LEASE, 8)) == 1
    assert house.told() == []
    clock.move_on(seconds=LEASE.total_seconds())
    again = Delivery(house.office, house.hooks.outward())
    assert again.turn() == 1


def test_an_address_of_ours_is_not_told(house: House) -> None:
    """Why nothing arrived stands beside the message (S53)."""
    hook = house.register("token.created")
    closed = Delivery(house.office, house.hooks.outward(allowed=()))
    house.granted(house.dan)
    assert closed.turn() == 0
    (message,) = house.messages(hook.webhook)
    assert (message.status, message.failure) == (None, Failure.NOT_PUBLIC)
    assert house.hooks.heard == []


def test_a_demoted_owner_is_told_nothing_more(house: House) -> None:
    """Who loses the right to keep webhooks hears neither what waits nor what comes (S53, S21)."""
    amy = house.hire("Amy", "admin")
    hook = house.register("token.created", by=amy)
    house.granted(house.dan)
    with house.acting(house.ada) as work:
        assign(work, amy, [house.roles["developer"].id])
    house.granted(house.rea)
    assert house.told() == []
    assert house.seen(hook.webhook).standing is Standing.OWNER_LACKS_SCOPE
    (message,) = house.messages(hook.webhook)
    assert message.state is State.WITHHELD
    with house.acting(house.ada) as work, pytest.raises(Conflict):
        resend(work, hook.webhook.id, message.id)


def test_a_deactivated_owners_webhooks_are_off(house: House) -> None:
    """They go with the person, do not come back with them, and say why (S20)."""
    amy = house.hire("Amy", "admin")
    hook = house.register("token.created", by=amy)
    house.granted(house.dan)
    with house.acting(house.ada) as work:
        deactivate(work, amy)
    assert house.told() == []
    with house.acting(house.ada) as work:
        reactivate(work, amy)
    house.granted(house.rea)
    assert house.told() == []
    seen = house.seen(hook.webhook)
    assert (seen.standing, seen.webhook.enabled) == (Standing.OWNER_LEFT, False)
    assert ("webhook.stop", "allowed") in house.trail()
    taken_over = house.edit(hook.webhook, enabled=True)
    assert (taken_over.standing, taken_over.webhook.owner) == (Standing.ON, house.ada)
    house.granted(house.dan, "another")
    assert house.told() == ["token.created"]


def test_content_outside_the_owners_roots_is_not_told(house: House) -> None:
    """A webhook hears of what its owner may see, and nothing shows that there was more (S30)."""
    role = house.role(
        "press", Scope.POLICY_MANAGE, Scope.CONTENT_READ, roots=frozenset({house.press})
    )
    amy = house.hire("Amy", role.name)
    hook = house.register("content.published", "token.created", by=amy)
    inside = house.entry(house.press, "inside")
    house.entry(house.internal, "outside")
    house.granted(house.dan)
    assert house.told() == ["content.published"]
    said = json.loads(house.hooks.heard[0].body)
    assert said["data"]["entry"] == spell(Prefix.NODE, inside)
    assert len(house.messages(hook.webhook)) == 1


def test_who_points_it_elsewhere_answers_for_it(house: House) -> None:
    """Nobody gets by another address what only its owner may see (S21)."""
    role = house.role("keeper", Scope.POLICY_MANAGE)
    amy = house.hire("Amy", role.name)
    hook = house.register("token.created")
    renamed = house.edit(hook.webhook, amy, name="Ours")
    assert renamed.webhook.owner == house.ada
    moved = house.edit(hook.webhook, amy, url=f"{house.hooks.url}&and=me")
    assert moved.webhook.owner == amy
    house.granted(house.dan)
    assert house.told() == []


def test_off_is_off(house: House) -> None:
    """What is switched off hears nothing, and nothing waits for it to be on again."""
    hook = house.register("token.created")
    house.granted(house.dan)
    house.edit(hook.webhook, enabled=False)
    house.granted(house.rea)
    assert house.told() == []
    house.edit(hook.webhook, enabled=True)
    assert house.told() == []


def test_a_deleted_webhook_leaves_nothing(house: House) -> None:
    """With it goes what waits for it."""
    hook = house.register("token.created")
    house.granted(house.dan)
    with house.acting(house.ada) as work:
        delete_webhook(work, hook.webhook.id)
    assert house.told() == []


def test_what_was_told_is_forgotten(house: House, clock: StandingClock) -> None:
    """A month later nothing is left of a message that waits no more."""
    hook = house.register("token.created")
    house.granted(house.dan)
    house.told()
    clock.now += timedelta(days=31)
    assert forget(house.office) == 2
    assert house.messages(hook.webhook) == []


def test_what_waited_in_a_restored_copy_is_not_sent_again(
    house: House, clock: StandingClock
) -> None:
    """The lost database may have sent it, by webhook or mail: it is sent if somebody asks (R12).

    What becomes true by the restore and after it is told as ever.
    """
    hook = house.register("token.created", "token.all_revoked")
    asked = house.granted(house.dan)
    quarantine.begin_everywhere(house.office, "a copy was put back")
    assert house.told() == []
    (message,) = house.messages(hook.webhook)
    assert message.state is State.WITHHELD
    with house.office.database.reading() as tx:
        assert not due.is_any(tx, clock.now + timedelta(days=2))
        everything = quarantine.plan(tx, quarantine.Choice(everything=True), clock.now)
    quarantine.end_everywhere(house.office, everything, "by Ann")
    assert house.told() == ["token.all_revoked"]
    with house.acting(house.ada) as work:
        resend(work, hook.webhook.id, message.id)
    assert house.told() == ["token.created"]
    assert asked.token.id in everything.tokens


def test_several_webhooks_do_not_wait_for_one(house: House) -> None:
    """However much one has to be told, each turn begins with one message of every webhook."""
    for _ in range(3):
        house.register("token.created")
    house.granted(house.dan)
    house.granted(house.rea)
    with house.office.database.transaction() as tx:
        taken = outbox.take(tx, house.office.clock(), LEASE, 8)
    assert len({one.webhook for one in taken}) == len(taken) == 3
