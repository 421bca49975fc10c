"""Answers that whoever asks may hold already (RFC 9110, section 13)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.ranges import is_held
from counterfoil.jsonapi.route import Answer, Asked

IF_NONE_MATCH: Final = Parameter(
    "If-None-Match",
    "The `ETag` of what you hold: if it is still what you would get, the answer is a 304.",
    example='W/"4f1c1f0f9a0e4a6b8f5d2c3b1a0e9d8c"',
)
_VARY: Final = "Accept, Authorization, Counterfoil-Organization"
_TAG_BYTES: Final = 16


def unless_held(asked: Asked, body: object) -> Answer:
    """Answer with a body and its tag, or with 304 and the tag to whoever holds just that body.

    The tag is made of the body, which is made for one caller: who sees less holds another one, and
    who sees nothing any more was refused before they come here.
    """
    raw = msgspec.json.encode(body)
    tag = f'"{blake2b(raw, digest_size=_TAG_BYTES).hexdigest()}"'
    headers = {"ETag": f"W/{tag}", "Vary": _VARY}
    if is_held(asked.headers, tag):
        return Answer(304, headers=headers)
    return Answer(200, raw, headers)
