"""Four doors for gates on other hosts: what comes next, all that is true, and what they decided.

    POST /gates/feed        waits up to half a second for something to come
    POST /gates/rows        for a gate that knows nothing, or was left behind
    POST /gates/snapshot    for one that keeps its books otherwise, or found what it has damaged
    POST /gates/journal     takes in what a gate has decided

All take the credential of a gate, and no token opens them. What they answer is signed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from counterfoil.feed.page import Ask
from counterfoil.feed.report import LARGEST, Report
from counterfoil.feed.rows import AskRows
from counterfoil.feed.stands import HEADER, TOLD_HEADER, Stands, read
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Malformed, Refused
from counterfoil.secret import Kind, digest, kind_of

if TYPE_CHECKING:
    from counterfoil.gates.hand import Hander
    from counterfoil.gates.receive import Receiver
    from counterfoil.gates.tell import Teller

MEDIA: Final = "application/octet-stream"
_STANDS: Final = Parameter(
    HEADER,
    "The chain of the feed where the gate stands, then the layout and the tally of its books.",
    example=f"{'00' * 32};2;{'00' * 8}",
)
_TOLD: Final = Parameter(
    TOLD_HEADER, "A page that the office told, in base64, where it stands before that now."
)
_BEARER: Final = "bearer "
_EXAMPLE: Final = {"nonce": "00" * 16, "epoch": 0, "position": 0}

Handle: TypeAlias = Callable[[Asked], Answer]


def routes(teller: Teller, hander: Hander, receiver: Receiver) -> tuple[Route, ...]:
    """Return the doors of what tells gates, and of what is told by them."""

    def feed(asked: Asked) -> Answer:
        key, stands = _credential(asked), _stands(asked)
        return Answer(200, teller.page(key, asked.struct(Ask), stands), _plain())

    def rows(asked: Asked) -> Answer:
        return Answer(200, hander.part(_credential(asked), asked.struct(AskRows)), _plain())

    def snapshot(asked: Asked) -> Answer:
        pieces = teller.snapshot(_credential(asked), asked.struct(Ask))
        return Answer(200, headers=_plain(), stream=pieces)

    def journal(asked: Asked) -> Answer:
        key = _credential(asked)
        receiver.require_known(key)
        head, _, lines = b"".join(asked.pieces(LARGEST)).partition(b"\n")
        return Answer(200, receiver.take(key, _report(head), lines), _plain())

    return doors(feed, rows, snapshot, journal)


def doors(feed: Handle, rows: Handle, snapshot: Handle, journal: Handle) -> tuple[Route, ...]:
    """Return the routes for gates on other hosts."""
    route = partial(
        Route,
        method="POST",
        operation="",
        section="Gates",
        gives={200: bytes},
        media=MEDIA,
        fails=(Code.INVALID_TOKEN, Code.CONFLICT),
        open=True,
    )
    asks = partial(route, takes=Ask, example=_EXAMPLE)
    return (
        asks(
            path="/gates/feed",
            handle=feed,
            summary="What comes next in the feed",
            asks=(_STANDS, _TOLD),
        ),
        route(
            path="/gates/rows",
            handle=rows,
            takes=AskRows,
            example=_EXAMPLE,
            summary="All that gates know, in the rows of a host",
        ),
        asks(path="/gates/snapshot", handle=snapshot, summary="All that gates know, as it is now"),
        route(
            path="/gates/journal",
            handle=journal,
            summary="Take in what a gate has decided",
            streams=True,
        ),
    )


def _stands(asked: Asked) -> Stands:
    """Return what a gate says of what it knows.

    Raises:
        Malformed: if that is nothing of the kind.
    """
    try:
        said, told = (asked.headers.get(one.lower(), "") for one in (HEADER, TOLD_HEADER))
        return read(said, told)
    except ValueError as error:
        raise Malformed(Code.INVALID_REQUEST, str(error)) from None


def _report(raw: bytes) -> Report:
    """Read what stands before the lines of a journal.

    Raises:
        Malformed: if that is nothing of the kind.
    """
    try:
        return msgspec.json.decode(raw, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        told = f"The first line is no report of a gate: {error}"
        raise Malformed(Code.INVALID_REQUEST, told) from None


def _plain() -> dict[str, str]:
    return {"Content-Type": MEDIA, "Cache-Control": "no-store"}


def _credential(asked: Asked) -> bytes:
    """Return the digest of the credential that was presented.

    Raises:
        Refused: if that is none of a gate.
    """
    said = asked.headers.get("authorization", "")
    if not said:
        raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
    text = said[len(_BEARER) :] if said.lower().startswith(_BEARER) else ""
    if kind_of(text, asked.office.prefix) is not Kind.GATE:
        raise Refused(Code.INVALID_TOKEN, "This is no credential of a gate.")
    return digest(text)
