"""What the tests of the gateway stand on: a shop, a gateway that reads its books, proxies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from infra.echo import echo
from infra.proxies import BEFORE
from infra.server import gateway
from support.decisions import trail_in
from support.doorway import House
from support.gate import BASE
from support.office import StandingClock
from support.proxied import Live, Proxied, Tokens
from support.shop import HOUR_US, READ, SHELF, SHOP, WRITE, holder, now_us, shop_in


@pytest.fixture
def house(tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    with shop_in(tmp_path) as replica:
        books = Books(replica, clock, tmp_path / "follower.lock")
        counts = Meters(tmp_path / "meters")
        yield House(
            Gateway(books, Kept(counts, trail_in(tmp_path)), lambda: "7" * 32),
            replica,
            tmp_path,
            clock,
        )
        books.pace.close()
        counts.close()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The shop, and a real gateway of it."""
    home = tmp_path_factory.mktemp("shop") / "data"
    home.mkdir(mode=0o700)
    later = now_us() + HOUR_US
    with shop_in(home) as replica:
        tokens = Tokens(
            holder(replica, READ, roots=(SHELF,), token=BASE + 301, expires_at=later),
            holder(
                replica, READ, token=BASE + 302, expires_at=later, name="caf\u00e9 \u65e5\u672c, ci"
            ),
            holder(replica, READ, WRITE, token=BASE + 303, expires_at=later),
            holder(replica, READ, token=BASE + 304, expires_at=now_us() - HOUR_US),
        )
        with gateway(home, "--assertions") as running:
            yield Live(home, replica, running, tokens)


@pytest.fixture(scope="session", params=sorted(BEFORE))
def proxied(
    request: pytest.FixtureRequest, live: Live, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    """Each proxy that we ship a configuration for, running it."""
    kind: str = request.param
    here: Path = tmp_path_factory.mktemp(kind)
    with (
        echo() as api,
        BEFORE[kind](here, gate=live.gate.port, api=api.port, id_=SHOP) as port,
    ):
        yield Proxied(kind, port, live, api)
