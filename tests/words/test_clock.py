"""Instants: counted, read and spelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel.clock import (
    instant,
    micros,
    read_instant,
    spell_instant,
    spell_whole,
)
from counterfoil.kernel.errors import Invalid

_OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
_FAR_FROM_THE_ENDS = (datetime(2, 1, 1), datetime(9998, 12, 31))  # noqa: DTZ001 - bounds have no zone


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_the_database(at: datetime) -> None:
    """Microseconds since 1970 are exact in both directions."""
    assert instant(micros(at)) == at


@given(st.datetimes(*_FAR_FROM_THE_ENDS, timezones=_OFFSETS), st.booleans())
def test_what_is_said_can_be_asked(at: datetime, small: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever instant an answer holds, at any offset, is read back to the microsecond (S24)."""
    said = msgspec.json.decode(msgspec.json.encode(at))
    assert read_instant(said.lower() if small else said) == at
    assert read_instant(spell_instant(at)) == at.replace(microsecond=0)


@given(st.datetimes(*_FAR_FROM_THE_ENDS, timezones=_OFFSETS))
def test_what_others_spell_is_spelled_alike(at: datetime) -> None:
    """Where msgspec does not spell an instant itself, it comes out as if it had: with a `Z`."""
    assert spell_whole(at).encode() == msgspec.json.encode(at.astimezone(UTC)).strip(b'"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01 12:00:00Z",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:00.Z",
        "2026-03-01T12:00:00.1234567Z",
        "2026-03-01T12:00:00+0100",
        "2026-03-01T12:00:00Z\n",
        "2026-W20-1T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
        "\u0662026-03-01T12:00:00Z",
    ],
)
def test_nothing_looser_is_read(text: str) -> None:
    """What is not RFC 3339 with an offset, or lies outside the calendar, is refused (S24)."""
    with pytest.raises(Invalid) as refused:
        read_instant(text, "/data/attributes/expires_at")
    assert refused.value.field == "/data/attributes/expires_at"
