"""A shop: an API of the small organization, with routes and a tree, as a gate knows it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import structs

from counterfoil.access.role import DEVELOPER
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiRouted,
    OrganizationRecorded,
    ResourcePlaced,
    RoleRecorded,
    RouteRecord,
    ScopeRecord,
)
from counterfoil.gate.replica import Replica
from counterfoil.kernel.clock import micros, system_clock
from support.gate import ACME, BASE, DEV, WORLD, bounds, mint, record, tell, under

SHOP = BASE + 201
SHELF, TOY, BOOK, GARDEN = (BASE + 211 + n for n in range(4))
READ, WRITE = 64, 65
HOUR_US = 3_600_000_000
OFFICE = "https://cms.test"
METADATA = f"{OFFICE}/.well-known/oauth-protected-resource/api_{SHOP}"

ROUTES = (
    RouteRecord(("GET",), "/health", ""),
    RouteRecord(("GET",), "/items", "shop:read"),
    RouteRecord(("GET",), "/items/{item}", "shop:read", "{item}"),
    RouteRecord(("PUT",), "/items/{item}", "shop:write", "{item}"),
    RouteRecord(("GET",), "/search", "shop:read", "{?under}"),
    RouteRecord(("GET",), "/docs", "shop:read", "any"),
    RouteRecord(("GET",), "/garden/{rest...}", "shop:read", "path"),
)
API: tuple[AnyEvent, ...] = (
    RoleRecorded(organization=ACME, role=DEV, scopes=DEVELOPER, custom=(READ, WRITE)),
    ApiRecorded(
        organization=ACME,
        api=SHOP,
        scopes=(ScopeRecord("shop:read", READ), ScopeRecord("shop:write", WRITE)),
    ),
    ApiRouted(organization=ACME, api=SHOP, routes=ROUTES),
    ResourcePlaced(organization=ACME, api=SHOP, key="", node=SHOP + 1, parent=None),
    ResourcePlaced(organization=ACME, api=SHOP, key="toys", node=SHELF, parent=SHOP + 1),
    ResourcePlaced(organization=ACME, api=SHOP, key="17", node=TOY, parent=SHELF),
    ResourcePlaced(organization=ACME, api=SHOP, key="18", node=BOOK, parent=SHOP + 1),
    ResourcePlaced(organization=ACME, api=SHOP, key="/garden/open", node=GARDEN, parent=SHELF),
)


def holder(
    replica: Replica,
    *custom: int,
    roots: tuple[int, ...] | None = None,
    organization: int = ACME,
    token: int = BASE + 101,
    expires_at: int | None = None,
    name: str = "ci",
) -> str:
    """Let there be a token of Ben's with these scopes of the shop, and return it."""
    text = mint()
    grant = bounds(organization, scopes=0, custom=custom, roots=roots)
    tell(replica, record(text, grant, token=token, expires_at=expires_at, name=name))
    return text


def paced(replica: Replica, requests: int, *, token: int) -> str:
    """Let there be a token that reads the shop so often in an hour, and return it."""
    text = mint()
    grant = under(bounds(ACME, scopes=0, custom=(READ,)), rate=(requests, 3600))
    tell(replica, record(text, grant, token=token, expires_at=now_us() + HOUR_US))
    return text


def at_home(replica: Replica, *networks: str, token: int) -> str:
    """Let there be a token that reads the shop from these networks alone, and return it."""
    text = mint()
    grant = under(bounds(ACME, scopes=0, custom=(READ,)), networks=networks)
    tell(replica, record(text, grant, token=token, expires_at=now_us() + HOUR_US))
    return text


def allows(replica: Replica, delivery_rate: float | None) -> None:
    """Let the policy of the shop's organization allow each token so many requests a second."""
    told = next(one for one in WORLD if isinstance(one, OrganizationRecorded))
    tell(replica, structs.replace(told, delivery_rate=delivery_rate))


def now_us() -> int:
    """Return the present, for what a real server judges by its own clock."""
    return micros(system_clock())


@contextmanager
def shop_in(data_dir: Path) -> Iterator[Replica]:
    """Open a shop in a directory, kept up as an office keeps it up, for a real gateway to read."""
    replica = Replica(data_dir / "replica")
    replica.call("cf", OFFICE)
    tell(replica, *WORLD, *API)
    lock = os.open(data_dir / "follower.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield replica
    finally:
        os.close(lock)
        replica.close()


def routed(
    routes: Iterable[RouteRecord], *, preflights: bool = False, grace_seconds: int = 0
) -> ApiRouted:
    """Say that these are the routes of the shop."""
    return ApiRouted(
        organization=ACME,
        api=SHOP,
        routes=tuple(routes),
        preflights=preflights,
        grace_seconds=grace_seconds,
    )
