"""What GitHub's secret scanning found, in the way in which it tells its partners (S15).

It sends a list of matches, signs the body, and takes in which of them are tokens of ours.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal

import msgspec

from counterfoil.jsonapi.given import Given
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Malformed, NotFound, Unserved
from counterfoil.runtime.provider import Unreachable
from counterfoil.tokens.report_leak import Found, take_in_many

MOST_BYTES: Final = 4 * 1024 * 1024
"""Some ten thousand matches."""
_KEY: Final = "Github-Public-Key-Identifier"
_SIGNATURE: Final = "Github-Public-Key-Signature"


class Match(msgspec.Struct):
    """One match: what was found, of which of our kinds they take it, and where it stands.

    They may say more, some day.
    """

    token: str
    type: str
    url: str
    source: str = ""


class Verdict(Given, frozen=True):
    """Whether a match was a token of ours: `token_hash` is the SHA-256 of it, in hex."""

    token_hash: str
    token_type: str
    label: Literal["true_positive", "false_positive"]


def found(asked: Asked) -> Answer:
    """Answer POST /leaks/github; without keys or headers there is no such address."""
    key, signature = (asked.headers.get(name.lower()) for name in (_KEY, _SIGNATURE))
    finders = asked.office.finders
    if finders is None or not key or not signature:
        raise NotFound
    raw = b"".join(asked.pieces(MOST_BYTES))
    try:
        is_theirs = finders.signed(key, signature, raw)
    except Unreachable:
        raise Unserved(Code.NOT_READY, "Their public keys cannot be had now.") from None
    if not is_theirs:
        raise Malformed(Code.INVALID_REQUEST, "The signature is none of this body.")
    try:
        matches = msgspec.json.decode(raw, type=list[Match])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed(Code.INVALID_REQUEST, "This is no list of matches.") from None
    ours = take_in_many(asked.office, [Found(one.token, one.url) for one in matches], asked.origin)
    verdicts = [_verdict(one, is_ours=known) for one, known in zip(matches, ours, strict=True)]
    return Answer(200, verdicts, {"Cache-Control": "no-store"})


def _verdict(match: Match, *, is_ours: bool) -> Verdict:
    digest = hashlib.sha256(match.token.encode(errors="surrogatepass")).hexdigest()
    return Verdict(digest, match.type, "true_positive" if is_ours else "false_positive")


ROUTES: Final = (
    Route(
        "POST",
        "/leaks/github",
        found,
        "",
        "Take in what GitHub's secret scanning found; the body is signed",
        gives={200: list[Verdict]},
        asks=(
            Parameter(_KEY, "Which of their keys the body is signed with."),
            Parameter(_SIGNATURE, "Its ECDSA signature on P-256 with SHA-256, DER in Base64."),
        ),
        also=("leak.report",),
        fails=(Code.NOT_FOUND, Code.NOT_READY),
        open=True,
        streams=True,
        section="Leaks",
    ),
)
"""What the office serves to who searches for leaks."""
