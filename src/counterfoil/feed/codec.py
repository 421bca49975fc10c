"""Events as JSON: the wire between offices and gates of different versions.

    1   what was there from the start
    2   a token whose grant holds under conditions (networks, rate, not before)
    3   an organization that says from where, or to whom, its tokens are good
    4   a token that takes its authority from another token
    5   an organization that is entered only by who came by a provider

An event has the least version that says all of it. So a gate of an older version follows the feed
until it comes to something that it would not heed, and stops there.
"""

from __future__ import annotations

from typing import Final

import msgspec

from counterfoil.feed.event import AnyEvent, OrganizationRecorded, TokenRecorded

VERSION: Final = 5

_encoder: Final = msgspec.json.Encoder(order="deterministic")
_decoder: Final[msgspec.json.Decoder[AnyEvent]] = msgspec.json.Decoder(AnyEvent)


class UnknownEventError(Exception):
    """A gate cannot read an event, so it stops.

    If it skipped what it cannot read it might go on honouring a token that was revoked in a way
    that it does not know (R3).
    """


def version_of(event: AnyEvent) -> int:
    """Return which version of the wire it takes to read an event whole."""
    if type(event) is OrganizationRecorded:
        return 5 if event.provider_only else 3 if event.fenced else 1
    if type(event) is not TokenRecorded:
        return 1
    if event.authority == "token":
        return 4
    return 2 if any(one.conditional for one in event.grants) else 1


def encode(event: AnyEvent) -> bytes:
    """Return the event as canonical JSON."""
    return _encoder.encode(event)


def decode(version: int, body: bytes) -> AnyEvent:
    """Return the event that an office wrote.

    Raises:
        UnknownEventError: for a newer version, an unknown kind, or a damaged body.
    """
    if not 1 <= version <= VERSION:
        message = f"event version {version}, this gate reads {VERSION}"
        raise UnknownEventError(message)
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnknownEventError(str(error)) from error
