"""A token beyond its rate, through each proxy by the configuration that we ship."""

from __future__ import annotations

from infra.proxies import BEFORE
from support.gate import BASE
from support.proxied import Proxied
from support.raw_http import say
from support.shop import paced
from support.smuggling import Case


def test_too_fast_is_429_through_every_proxy(proxied: Proxied) -> None:
    """One request too many hears its real 429, when to come again, and why; it goes no further.

    The client waits as long as it is told (D12).
    """
    token = paced(proxied.live.replica, 2, token=BASE + 330 + sorted(BEFORE).index(proxied.kind))
    raw = Case("", target="/items/18").raw(token)
    proxied.api.seen.clear()
    assert [say(proxied.port, raw).status for _ in range(2)] == [200, 200]
    heard = say(proxied.port, raw)
    assert heard.status == 429
    assert heard.json["errors"][0]["code"] == "RATE_LIMIT_EXCEEDED"
    [again] = [value for name, value in heard.headers if name.lower() == "retry-after"]
    assert 1700 < int(again) <= 1800
    assert len(proxied.api.seen) == 2
