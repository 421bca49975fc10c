"""What the tests of the middleware stand on: a shop's books on this host, and tokens of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from counterfoil.gate.replica import Replica
from counterfoil.kernel.ids import ApiId
from counterfoil.middleware import opened
from support.frameworks import API, FRAMEWORKS, Send
from support.gate import BASE, OTHER, mint
from support.shop import HOUR_US, READ, SHELF, SHOP, WRITE, holder, now_us, shop_in


class Host(NamedTuple):
    """A host whose replica an office has written, and tokens by what they are."""

    data_dir: Path
    tokens: Mapping[str, str | None]

    @property
    def replica(self) -> Replica:
        """The replica as the middleware has it open: a process opens it once."""
        return opened.desk_of(str(self.data_dir), ApiId(SHOP))[0].books.replica


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A shop, closed by whoever wrote it: the middleware opens it."""
    with shop_in(tmp_path) as replica:
        tokens = {
            "reader": holder(replica, READ, token=BASE + 301),
            "shelf": holder(replica, READ, token=BASE + 302, roots=(SHELF,)),
            "writer": holder(replica, READ, WRITE, token=BASE + 303),
            "expired": holder(replica, READ, token=BASE + 304, expires_at=now_us() - HOUR_US),
            "elsewhere": holder(replica, READ, token=BASE + 305, organization=OTHER),
            "stranger": mint(),
            "nobody": None,
        }
    yield Host(tmp_path, tokens)
    opened.close(str(tmp_path))


@pytest.fixture(params=FRAMEWORKS)
def judged(request: pytest.FixtureRequest, host: Host) -> Iterator[Send]:
    """The shop's application behind the middleware of each framework, by the table of routes."""
    with FRAMEWORKS[request.param](api=API, data_dir=host.data_dir) as send:
        yield send


@pytest.fixture(params=FRAMEWORKS)
def asking(request: pytest.FixtureRequest, host: Host) -> Iterator[Send]:
    """The same, whose views say themselves what they need."""
    with FRAMEWORKS[request.param](api=API, data_dir=host.data_dir, routes=False) as send:
        yield send
