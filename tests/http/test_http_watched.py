"""A long body ends when its caller may no longer be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unittest.mock import patch

import pytest
from msgspec import structs

from counterfoil.access.caller import Caller
from counterfoil.jsonapi.watched import Watched
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import NodeId
from counterfoil.office import Office
from support.office import StandingClock, session

CALLER = session(1_000_000_000_000_001)


class Pieces:
    """Three pieces, and whether they were closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"a", b"b", b"c"))

    def close(self) -> None:
        self.closed = True


def _gone(_caller: Caller, _address: str | None) -> Caller:
    raise Refused


def _narrowed(caller: Caller, _address: str | None) -> Caller:
    return structs.replace(caller, grant=caller.grant.narrowed(roots=frozenset({NodeId(7)})))


@pytest.mark.parametrize("now", [_gone, _narrowed])
def test_it_ends_within_a_second(
    office: Office, clock: StandingClock, now: Callable[[Caller, str | None], Caller]
) -> None:
    """Whoever is revoked or narrowed meanwhile gets no piece more after a second (S20)."""
    pieces = Pieces()
    body = Watched(pieces, office, CALLER)
    with patch.object(office, "verify_again", now):
        assert next(body) == b"a"
        clock.move_on(seconds=1)
        assert list(body) == []
    assert pieces.closed


def test_it_flows_to_its_end(office: Office, clock: StandingClock) -> None:
    """Whoever stands as before gets all of it, and the gate is asked once a second (S20)."""
    body = Watched(Pieces(), office, CALLER)
    with patch.object(office, "verify_again", side_effect=lambda who, _address: who) as asked:
        assert next(body) == b"a"
        clock.move_on(seconds=5)
        assert list(body) == [b"b", b"c"]
    assert asked.call_count == 1
