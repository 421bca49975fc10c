"""The numbers of a gateway, put together for Prometheus."""

from __future__ import annotations

from itertools import chain

from counterfoil.gate.hostclock import lines as clock_lines
from counterfoil.gateway import meters
from counterfoil.gateway.books import Books
from counterfoil.gateway.meters import Meters
from counterfoil.runtime.ballast import measured


def numbers(books: Books, counts: Meters) -> str:
    """Return what all processes of this host counted, and how its books stand."""
    lease, lag = books.lease, None
    if lease is not None and books.clock is lease:  # the office is on another host
        lag = meters.Lag(lease.silent_s(), counts.untold_s(lease.ticks()))
    return meters.exposition(
        counts.totals(),
        ready=books.is_ready(),
        position=books.position(),
        has_bus=counts.has_bus(),
        lag=lag,
        host=chain(measured(books.folder), clock_lines(books.clock)),
        doubt=books.replica.doubted(),
    )
