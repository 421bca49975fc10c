"""Whether the server lives, and whether it may be asked; and what it can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, Final, Literal, TypeAlias

import msgspec

from counterfoil import __version__
from counterfoil.app.effective import BEHIND
from counterfoil.app.room import require_room
from counterfoil.feed.outbox import read_head
from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.replica import Replica
from counterfoil.gate.verdicts import quarantined
from counterfoil.jsonapi import openapi
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.repeating import Repeating

_route = partial(Route, section="Server")
LATE_S: Final = 5.0
"""A host that has put nothing on record for so long, though it had to, is not ready."""

Handle: TypeAlias = Callable[[Asked], Answer]


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["alive"]


class Ready(msgspec.Struct, frozen=True):
    """This host has followed the feed up to the position."""

    status: Literal["ready"]
    position: int


def routes(
    office: Office,
    replica: Replica,
    follow: Callable[[int], int],
    writers: Sequence[Repeating],
    others: Sequence[Route],
) -> tuple[Route, ...]:
    """Return the doors that tell of the server itself, beside all others.

    `follow` brings this host as far as the office; `writers` put on record what this process has
    seen.
    """
    database, clock = office.database, office.clock

    def live(_asked: Asked) -> Answer:
        return Answer(200, Alive("alive"))

    def ready(_asked: Asked) -> Answer:
        """Ready is who can put things on record, and has followed the books to their end (R19).

        So is nobody whose clock is another than all others of the office have (R6).
        """
        require_room(database)
        _require_recorded(writers)
        try:
            with database.reading() as tx:
                head = read_head(tx).position
            reached = follow(head)
        except BEHIND:
            detail = "The gate or the journal of revocations has not caught up with the office."
            raise Unserved(Code.NOT_READY, detail) from None
        if replica.is_quarantined():
            raise quarantined()
        if isinstance(clock, HostClock):
            clock.require_agreed()
        return Answer(200, Ready("ready", reached))

    @cache
    def described() -> bytes:
        """Make the document when somebody asks for it first: no start waits for it."""
        document = openapi.document((*others, *own), OPERATIONS, version=__version__)
        return msgspec.json.encode(document)

    def describe(_asked: Asked) -> Answer:
        return Answer(200, described())

    own = doors(live, ready, describe)
    return own


def _require_recorded(writers: Sequence[Repeating]) -> None:
    late = [one.name for one in writers if one.unwell_s() > LATE_S]
    if late:
        raise Unserved(
            Code.NOT_READY,
            f"What this host does and refuses cannot be put on record: {' and '.join(late)}.",
        )


def doors(live: Handle, ready: Handle, describe: Handle) -> tuple[Route, ...]:
    """Return the routes that tell of the server itself."""
    return (
        _route("GET", "/livez", live, "", "Whether the process lives", gives={200: Alive},
              open=True),
        _route("GET", "/readyz", ready, "", "Whether it can be asked", gives={200: Ready},
              open=True),
        _route("GET", "/openapi.json", describe, "", "The API as OpenAPI 3.1",
              gives={200: dict[str, Any]}, open=True),
    )  # fmt: skip
