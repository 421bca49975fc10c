"""What a webhook may be, and when a message is tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.text import is_name
from counterfoil.secret import redacted
from counterfoil.webhooks.model import CHOOSABLE, EventKind

MOST: Final = 100
"""So many webhooks an organization has at most."""

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long after each try that failed the next one comes; after the last there is none."""

PRIVATE: Final = (
    "This address is not public. Your operator can let webhooks go to a network of yours: "
    "COUNTERFOIL_WEBHOOK_NETWORKS."
)
_LONGEST_NAME: Final = 100
_LONGEST_URL: Final = 2000
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_JITTER: Final = 5
"""A pause is longer by up to a fifth, so that what failed together does not come back together."""


def named(name: str) -> str:
    """Return a name as it is kept, if it may be one."""
    text = name.strip()
    if len(text) > _LONGEST_NAME or not is_name(text):
        raise _wrong("name", "A name is one line of at most 100 characters that can be seen.")
    return text


def target(url: str, reaches: Callable[[str], bool]) -> str:
    """Return an address that may be told: over TLS, or on this very machine for who tries us out.

    What is private by its spelling is refused here. Whether a name may be told is judged at each
    delivery, by what it means then (S53).
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _wrong("url", "This is no address.") from None
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or not host or port == 0 or len(url) > _LONGEST_URL:
        raise _wrong("url", "This is no address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _HERE):
        raise _wrong("url", "A webhook is told over https.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _wrong("url", "An address with a user or a fragment in it is not taken.")
    if redacted(url) != url:
        raise _wrong("url", "There is a token in this address: it would be kept and shown.")
    if not reaches(url):
        raise _wrong("url", PRIVATE)
    return url


def name_of(url: str) -> str:
    """Return what a webhook is called that nobody gave a name: the host that is told."""
    return (urlsplit(url).hostname or "")[:_LONGEST_NAME]


def chosen(events: Sequence[str]) -> tuple[EventKind, ...]:
    """Return the events that are asked for, in the order of the list of all."""
    wanted = set(events)
    if not wanted or not wanted <= set(CHOOSABLE):
        known = ", ".join(CHOOSABLE)
        raise _wrong("events", f"Name at least one of: {known}.")
    return tuple(kind for kind in CHOOSABLE if kind in wanted)


def tried_again_at(tries: int, now: datetime, entropy: Entropy) -> datetime | None:
    """Return when a message is tried again after so many tries; None if never."""
    if tries > len(PAUSES):
        return None
    pause = PAUSES[tries - 1]
    return now + pause + pause / _JITTER * (int.from_bytes(entropy(2)) / 0x10000)


def _wrong(field: str, said: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, said, field=f"/data/attributes/{field}")
