"""A gateway in this process, with all that it writes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from counterfoil.gate.record.decided import Batch, Decided
from counterfoil.gate.record.journal import Mark
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.gateway.trail import Trail
from support.decisions import folder_in, told, trail_in
from support.office import StandingClock
from support.shop import SHOP, shop_in

HERE = "192.0.2.7"


class House:
    """A gateway in this process, its books and its journal."""

    def __init__(self, home: Path, replica: Replica, clock: StandingClock) -> None:
        self.home = home
        self.replica = replica
        self.books = Books(replica, clock, home / "follower.lock")
        self.counts = Meters(home / "meters")
        self.use(trail_in(home))

    def use(self, trail: Trail) -> None:
        self.trail = trail
        self.gateway = Gateway(self.books, Kept(self.counts, trail), lambda: "7" * 32)

    def ask(self, method: str, target: str, token: str | None = None, **headers: str) -> str:
        """Ask as nginx does; return the status that is meant."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": f"/authz/nginx/api_{SHOP}",
            "QUERY_STRING": "",
            "wsgi.input": io.BytesIO(),
            "HTTP_X_ORIGINAL_METHOD": method,
            "HTTP_X_ORIGINAL_URI": target,
            "HTTP_X_FORWARDED_FOR": HERE,
            "HTTP_USER_AGENT": "curl/8.5.0",
            **headers,
        }
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        said: list[Any] = []
        list(self.gateway(environ, lambda *line: said.extend(line)))
        return str(dict(said[1]).get("Counterfoil-Status", said[0][:3]))

    def written(self) -> list[Decided]:
        self.trail.flush()
        return told(self.home)

    def batches(self) -> list[Batch]:
        shipping = Shipping(folder_in(self.home))
        return [one.batch for one in shipping.after(Mark(shipping.journal() or ""), 10_000)]


@contextmanager
def house_in(home: Path, clock: StandingClock) -> Iterator[House]:
    """Open the gateway of a shop."""
    with shop_in(home) as replica:
        house = House(home, replica, clock)
        yield house
        house.books.pace.close()
        house.counts.close()
