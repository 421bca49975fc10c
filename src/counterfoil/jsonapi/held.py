"""Answers that whoever asks may hold already (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.ranges import is_held
from counterfoil.jsonapi.route import Answer

IF_NONE_MATCH: Final = Parameter(
    "If-None-Match",
    "The `ETag` of what you hold: if it is still what you would get, the answer is a 304.",
    example='W/"4f1c1f0f9a0e4a6b8f5d2c3b1a0e9d8c"',
)
_VARY: Final = "Accept, Authorization, Counterfoil-Organization"
_TAG_BYTES: Final = 16


def tagged(body: object) -> Answer:
    """Answer with a body and its tag; the desk answers 304 to whoever holds just that body.

    The tag is made of the body, which is made for one caller: who sees less holds another one, and
    who sees nothing any more was refused before they come here.
    """
    raw = msgspec.json.encode(body)
    tag = f'"{blake2b(raw, digest_size=_TAG_BYTES).hexdigest()}"'
    return Answer(200, raw, {"ETag": f"W/{tag}", "Vary": _VARY}, tag=tag)


def unless_held(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return an answer, or 304 in its place if its body is what these headers say is held."""
    if answer.tag and is_held(headers, answer.tag):
        return spared(answer)
    return answer


def spared(answer: Answer) -> Answer:
    """Return the 304 that stands for an answer to whoever holds its body."""
    return Answer(304, headers=answer.headers)
