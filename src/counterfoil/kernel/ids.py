"""Identity: every row has one id, a random integer that is never reused (S26).

Inside an id is an `int` in [10**15, 2**53 - 1], so that every JSON reader keeps it whole and
every vendor's client sees digits. Where no type stands beside it, it is spelled with the prefix
of its kind: `tok_1234567890123456`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Final, NewType

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import NotFound

OrganizationId = NewType("OrganizationId", int)
UserId = NewType("UserId", int)
RoleId = NewType("RoleId", int)
TokenId = NewType("TokenId", int)
RequestId = NewType("RequestId", int)
ApiId = NewType("ApiId", int)
NodeId = NewType("NodeId", int)
ContentTypeId = NewType("ContentTypeId", int)
NoticeId = NewType("NoticeId", int)
WebhookId = NewType("WebhookId", int)
MessageId = NewType("MessageId", int)
GateId = NewType("GateId", int)

LOWEST: Final = 10**15
HIGHEST: Final = 2**53 - 1
_DIGITS: Final = 16


class Prefix(StrEnum):
    """How an id is spelled where nothing else says what it identifies."""

    ORGANIZATION = "org"
    USER = "usr"
    ROLE = "rol"
    TOKEN = "tok"  # noqa: S105 - the prefix of an id, no secret
    REQUEST = "req"
    API = "api"
    NODE = "nod"
    CONTENT_TYPE = "ctp"
    NOTICE = "ntc"
    WEBHOOK = "whk"
    MESSAGE = "msg"
    GATE = "gat"


def new_id(entropy: Entropy) -> int:
    """Draw an id. The caller's unique constraint settles the one collision in 2**52."""
    while True:
        drawn = int.from_bytes(entropy(7)) >> 3
        if drawn >= LOWEST:
            return drawn


def spell(prefix: Prefix, id_: int) -> str:
    """Spell an id for a place where no type stands beside it: `tok_1234567890123456`."""
    return f"{prefix}_{id_}"


def spellings(text: str) -> tuple[str, ...]:
    """Return how an id is spelled, whose kind digits alone leave open.

    Raises:
        NotFound: for anything that cannot be an id.
    """
    kinds = [one for one in Prefix if text.startswith(f"{one}_")] or list(Prefix)
    return tuple(spell(kind, read(kind, text)) for kind in kinds)


def read(prefix: Prefix, text: str) -> int:
    """Read an id in either spelling.

    Raises:
        NotFound: for anything that cannot be an id of this kind, so that a malformed id and an
            unknown one are the same to the outside.
    """
    digits = text.removeprefix(f"{prefix}_")
    if len(digits) != _DIGITS or not digits.isascii() or not digits.isdigit():
        raise NotFound
    id_ = int(digits)
    if not LOWEST <= id_ <= HIGHEST:
        raise NotFound
    return id_


def among(prefix: Prefix, texts: Iterable[str | None]) -> Iterator[int]:
    """Yield the ids of one kind that are spelled with it among texts that may be anything."""
    for text in texts:
        if text is not None and text.startswith(f"{prefix}_"):
            with suppress(NotFound):
                yield read(prefix, text)
