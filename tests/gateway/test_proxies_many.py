"""A token with many scopes, through each proxy by the configuration that we ship."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from counterfoil.access.role import DEVELOPER
from counterfoil.feed.event import ApiRecorded, RoleRecorded, ScopeRecord
from infra.proxies import BEFORE
from support.gate import ACME, BASE, DEV, tell
from support.proxied import Proxied
from support.raw_http import say
from support.shop import API, HOUR_US, READ, SHOP, WRITE, holder, now_us
from support.smuggling import Case

MANY = tuple(range(WRITE + 1, WRITE + 850))


@pytest.fixture
def wide(proxied: Proxied) -> Iterator[None]:
    """Let the shop have eight hundred scopes more."""
    scopes = [ScopeRecord(f"warehouse{bit}:update-orders", bit) for bit in MANY]
    known = [ScopeRecord("shop:read", READ), ScopeRecord("shop:write", WRITE)]
    tell(
        proxied.live.replica,
        RoleRecorded(organization=ACME, role=DEV, scopes=DEVELOPER, custom=(READ, WRITE, *MANY)),
        ApiRecorded(organization=ACME, api=SHOP, scopes=(*known, *scopes)),
    )
    yield
    tell(proxied.live.replica, *API[:2])


@pytest.mark.usefixtures("wide")
def test_who_holds_many_scopes_passes_every_proxy(proxied: Proxied) -> None:
    """All 850 scopes of a token arrive, and the assertion that spells them again (S52)."""
    number = BASE + 370 + sorted(BEFORE).index(proxied.kind)
    token = holder(proxied.live.replica, READ, *MANY, token=number, expires_at=now_us() + HOUR_US)
    proxied.api.seen.clear()
    assert say(proxied.port, Case("", target="/items/18").raw(token)).status == 200
    [seen] = proxied.api.seen
    [scopes] = seen.values("Counterfoil-Scopes")
    [assertion] = seen.values("Counterfoil-Assertion")
    assert len(scopes.split()) == len(MANY) + 1
    assert len(assertion) + len(scopes) > 50 * 1024
