"""What an office tells a gate on another host: pages of the feed, and the pieces of a snapshot.

    frame   64 bytes of Ed25519, then the page or the piece in JSON
    ask     a gate says how far it has come, and a word of its own, drawn anew each time

What is told repeats that word. So an answer is one to this very question: whoever stands in between
can forge nothing, and what they kept of an earlier answer is good for nothing (R3, R7).

A page that is told to all, over a bus, repeats nobody's word. It is true of the positions that it
names, and gives no lease: whoever hears it asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

import msgspec

from counterfoil.feed.chain import UNKNOWN, ForkedError, links
from counterfoil.feed.codec import UnknownEventError, decode, encode, version_of
from counterfoil.feed.event import AnyEvent
from counterfoil.kernel.plain import PlainError
from counterfoil.runtime.signing import MARK_BYTES, NoteError, PublicKey, Signer

PURPOSE: Final = "counterfoil.feed"
"""In whose name the feed is signed."""
MOST: Final = 500
"""So many events are in a page, or records in a piece."""
NONCE_BYTES: Final = 16
LONGEST_MS: Final = 400
"""A question waits so long at most."""
TO_ALL: Final = ""
"""The word of a page that answers nobody's question."""
LENGTH_BYTES: Final = 4
_HIGHEST: Final = (1 << 63) - 1

Nonce = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$", examples=["0" * 2 * NONCE_BYTES])]
Host = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{1,15}$", examples=["0"])]
Position = Annotated[int, msgspec.Meta(ge=0, le=_HIGHEST)]
Chain = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]
Body = tuple[int, msgspec.Raw]
"""An event with the version of the wire that it takes to read it."""


class ForgedError(PlainError):
    """What was told is not the office's answer to what was asked."""


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gate asks what comes next.

    Attributes:
        nonce: the word that the answer repeats, 16 bytes in hex.
        epoch, position: how far it has come; zeros if it knows nothing.
        host: names the host that it is on: of two that show one credential, one may decide.
        lease: whether it would go on deciding; without, nobody waits for it.
        within_ms: how long it can wait for something to come.
    """

    nonce: Nonce
    epoch: Position
    position: Position
    host: Host = "0"
    lease: bool = False
    within_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_MS)] = 0


class Told(msgspec.Struct, frozen=True):
    """What an office tells: it repeats the word of who asked."""

    nonce: str


class Page(Told, frozen=True, tag="page"):
    """What comes after a position.

    Attributes:
        epoch: the life that the database lives.
        after: the position after which this begins.
        head: where the feed stood, no earlier than the question came in.
        at: the office's clock when it did, in Unix microseconds: by which things end.
        least: the same, by which things begin (decision 119); 0 from an office of a release that
            knows one time.
        leased: whether who asked may decide, once they stand at the head.
        prefix: how the tokens of the installation begin.
        grace_s: for so many seconds after the lease reads may pass, of APIs that say so.
        address: the base URL of the office; empty if it has none.
        events: in order, each with its position.
        before, chain: of the feed, at `after` and at the last event, in hex; empty where it is not
            known, or the office is of a release that knows of none.
        differs: in what who asked is another than the office; empty if in nothing that it sees.
        form: in which form the host of the office can hand its books on in rows; 0 if those were
            not counted.
        handed: where they stand; 0 in another epoch.
    """

    epoch: int
    after: int
    head: int
    at: int
    leased: bool
    prefix: str
    address: str = ""
    grace_s: int = 0
    events: tuple[tuple[int, Body], ...] = ()
    before: Chain = ""
    chain: Chain = ""
    differs: str = ""
    least: int = 0
    form: int = 0
    handed: int = 0

    @property
    def begins_at(self) -> float:
        """By which time things begin, in Unix seconds: no later than by which they end."""
        return min(self.at, self.least or self.at) / 1e6

    @property
    def end(self) -> int:
        """The position of the last event; `after` if there is none."""
        return self.events[-1][0] if self.events else self.after

    def read(self) -> list[tuple[int, AnyEvent]]:
        """Return the events.

        Raises:
            UnknownEventError: for one that this version cannot read.
        """
        return [(position, read(body)) for position, body in self.events]

    def links(self, position: int, own: bytes) -> dict[int, bytes]:
        """Return the chain at the positions of this page, as far as that can be said.

        Args:
            position: where somebody stands.
            own: the chain that they have there: with that it goes on where the page does not say
                with what it begins.

        Raises:
            ForkedError: if what the page says of its end is not what comes of its events.
        """
        before = bytes.fromhex(self.before) or (own if position == self.after else UNKNOWN)
        end = bytes.fromhex(self.chain)
        if not before:
            return {self.end: end}
        found = {self.after: before}
        if self.end - self.after > len(self.events):
            return found  # something is missing: nobody takes that in
        written = ((at, version, bytes(raw)) for at, (version, raw) in self.events)
        found.update(links(before, written))
        if end and found[self.end] != end:
            raise ForkedError(position)
        return found


class Piece(Told, frozen=True, tag="piece"):
    """A part of all that is true at a position: pieces are numbered, and the last one says so.

    Attributes:
        before, chain: of the feed, in hex: where who asked stands, and at `position`.
    """

    epoch: int
    position: int
    number: int
    last: bool
    records: tuple[Body, ...] = ()
    before: Chain = ""
    chain: Chain = ""


class _Head(msgspec.Struct):
    """What everything that is told begins with, in each version."""

    type: str
    nonce: str


T = TypeVar("T", bound=Told)


def subject_of(key: PublicKey) -> str:
    """Return under which subject of a bus an office tells all: each installation has its own."""
    return key.name.replace("/", ".")


def spell(event: AnyEvent) -> Body:
    """Return an event as it is told."""
    return version_of(event), msgspec.Raw(encode(event))


def read(body: Body) -> AnyEvent:
    """Return an event that was told.

    Raises:
        UnknownEventError: for one that this version cannot read.
    """
    version, raw = body
    return decode(version, bytes(raw))


def paged(written: Sequence[tuple[int, int, bytes]]) -> tuple[tuple[int, Body], ...]:
    """Return events of a page, given where each stands, its version, and its body."""
    return tuple((at, (version, msgspec.Raw(body))) for at, version, body in written)


def sealed(signer: Signer, told: Told) -> bytes:
    """Return a frame."""
    raw = msgspec.json.encode(told)
    return signer.mark(raw) + raw


def framed(frame: bytes) -> bytes:
    """Return a frame after its length in four bytes, as one of several is told."""
    return len(frame).to_bytes(LENGTH_BYTES) + frame


def unsealed(frame: bytes, key: PublicKey, type_: type[T], nonce: str) -> T:
    """Return what an office answered to the question with this word, or told all.

    Raises:
        ForgedError: if it did not.
        UnknownEventError: it did, in a form that this version cannot read.
    """
    mark, raw = frame[:MARK_BYTES], frame[MARK_BYTES:]
    try:
        key.require(raw, mark)
    except NoteError as error:
        raise ForgedError(str(error)) from None
    try:
        told = msgspec.json.decode(raw, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _require_answer(raw, type_, nonce)
        raise UnknownEventError(str(error)) from error
    if told.nonce != nonce:
        raise _unasked()
    return told


def genuine(frame: bytes, key: PublicKey) -> Page:
    """Return a page that an office has told somebody, whoever that was.

    Raises:
        ForgedError: if none has.
    """
    mark, raw = frame[:MARK_BYTES], frame[MARK_BYTES:]
    try:
        key.require(raw, mark)
        return msgspec.json.decode(raw, type=Page)
    except (NoteError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ForgedError(str(error)) from None


def _require_answer(raw: bytes, type_: type[Told], nonce: str) -> None:
    """Return if what cannot be read is an answer to this question all the same.

    Raises:
        ForgedError: if it answers another one: it is genuine, and was told to somebody else.
    """
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if head.nonce != nonce or head.type != type_.__struct_config__.tag:
        raise _unasked()


def _unasked() -> ForgedError:
    return ForgedError("it answers another question than the one that was asked")


def bodies(events: Sequence[AnyEvent]) -> tuple[Body, ...]:
    """Return events as they are told."""
    return tuple(map(spell, events))
