"""What a receiver checks before it believes a message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.webhooks.signature import LATE_S, holds, read_secret, signed, spelled
from support.office import START

SECRET, FORMER = bytes(range(32)), bytes(32)
BODY = b'{"type":"webhook.ping"}'
HEADERS = signed([SECRET], "msg_1", START, BODY)


def test_what_the_secret_signed_holds() -> None:
    """A message holds by its secret, beside the signature of another, and for some minutes."""
    assert holds(SECRET, HEADERS, BODY, START)
    assert holds(SECRET, signed([FORMER, SECRET], "msg_1", START, BODY), BODY, START)
    assert holds(SECRET, HEADERS, BODY, START + timedelta(seconds=LATE_S))


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(START.timestamp()) + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1a," + HEADERS["webhook-signature"][3:]},
    ],
)
def test_anything_else_does_not(changed: dict[str, str]) -> None:
    """Whatever was changed, left out or is no message at all, is none of ours."""
    assert not holds(SECRET, {**HEADERS, **changed}, BODY, START)


def test_nor_what_was_signed_long_ago() -> None:
    """A message that is told again later, or by another secret, or with another body, is none."""
    assert not holds(SECRET, HEADERS, BODY, START + timedelta(seconds=LATE_S + 1))
    assert not holds(FORMER, HEADERS, BODY, START)
    assert not holds(SECRET, HEADERS, BODY + b" ", START)


def test_a_secret_is_read_as_it_was_spelled() -> None:
    """What a receiver is given is read back; what is none is refused."""
    assert read_secret(spelled(SECRET)) == SECRET
    for text in ("", "whsec_é", "whsec_*", spelled(SECRET)[1:]):
        with pytest.raises(ValueError, match=r".+"):
            read_secret(text)
