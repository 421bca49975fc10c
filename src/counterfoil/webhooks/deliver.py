"""Delivering: a job takes what is due, asks who may know it now, and sends it.

Every message is sent at least once (`store.outbox`). Of each webhook one message is on its way at a
time, and several webhooks are told side by side: who answers slowly keeps nobody else waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection

from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.office import Office
from counterfoil.runtime.outward import Outward, UntoldError
from counterfoil.runtime.witness import NOBODY
from counterfoil.webhooks import policy, signature, trail
from counterfoil.webhooks.model import EventKind, Message, State, Webhook
from counterfoil.webhooks.steps.authority import is_told
from counterfoil.webhooks.store import outbox, rows

LEASE: Final = timedelta(minutes=1)
"""For so long a message is one process's: longer than any receiver is waited for."""

TOGETHER: Final = 8
"""So many webhooks are told at the same time."""

_ROUNDS: Final = 20
_OK: Final = range(200, 300)

Answer: TypeAlias = tuple[int | None, str | None]


class Delivery:
    """Sends the messages of an installation.

    Args:
        office: whose messages they are.
        outward: takes them there.
        told: hears what became of each try, in whatever thread made it.
    """

    def __init__(
        self, office: Office, outward: Outward, told: Callable[[State], None] | None = None
    ) -> None:
        self._office = office
        self._outward = outward
        self._tell = told

    def turn(self) -> int:
        """Send what is due, as far as one turn gets; return how many messages were heard."""
        trail.look(self._office)
        with self._office.database.reading() as tx:
            if not outbox.is_any(tx, self._office.clock()):
                return 0
        heard = 0
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="webhook") as several:
            for _ in range(_ROUNDS):
                with self._office.database.transaction(NOBODY) as tx:
                    taken = outbox.take(tx, self._office.clock(), LEASE, TOGETHER)
                if not taken:
                    break
                heard += sum(several.map(self._send, taken))
                trail.look(self._office)
        return heard

    def _send(self, one: Message) -> bool:
        """Send one message, if its webhook's owner may know of it now (S53)."""
        now = self._office.clock()
        told = self._told(one)
        if told is None:
            after = replace(one, state=State.WITHHELD, due_at=None)
        else:
            status, failure = self._posted(*told, one, now)
            after = self._done(one, now, status, failure)
        with self._office.database.transaction(NOBODY) as tx:
            outbox.save(tx, after)
        if self._tell is not None:
            self._tell(after.state)
        return after.state is State.DELIVERED

    def _told(self, one: Message) -> tuple[Webhook, bytes] | None:
        with self._office.database.reading() as tx:
            try:
                webhook = rows.webhook(tx, one.event.organization, one.webhook)
            except NotFound:
                return None
            return (webhook, spelled(tx, one)) if is_told(tx, webhook, one.event) else None

    def _posted(self, webhook: Webhook, body: bytes, one: Message, now: datetime) -> Answer:
        signed = signature.signed(webhook.secrets(now), spell(Prefix.MESSAGE, one.id), now, body)
        headers = {"Content-Type": "application/json", "User-Agent": "Counterfoil", **signed}
        try:
            return self._outward.post(webhook.url, headers, body), None
        except UntoldError as error:
            return None, str(error.failure)

    def _done(
        self, one: Message, now: datetime, status: int | None, failure: str | None
    ) -> Message:
        after = replace(
            one, tries=one.tries + 1, tried_at=now, status=status, failure=failure, due_at=None
        )
        if status in _OK:
            return replace(after, state=State.DELIVERED)
        again_at = policy.tried_again_at(after.tries, now, self._office.entropy)
        if again_at is None:
            return replace(after, state=State.GIVEN_UP)
        return replace(after, state=State.WAITING, due_at=again_at)


def spelled(tx: Connection, one: Message) -> bytes:
    """Return the body of a message: the same at every try."""
    event = one.event
    trails = event.kind is EventKind.AUDIT_RECORDED
    data = trail.data_of(tx, event) if trails else dict(event.data)
    said = {"type": str(event.kind), "timestamp": spell_instant(one.at), "data": data}
    return msgspec.json.encode(said)
