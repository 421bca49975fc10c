"""A token beyond its rate or its policy's, through each proxy by the configuration that we ship."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.proxies import BEFORE
from support.gate import BASE
from support.proxied import Proxied
from support.raw_http import say
from support.shop import HOUR_US, READ, allows, holder, now_us, paced
from support.smuggling import Case


def test_too_fast_is_429_through_every_proxy(proxied: Proxied) -> None:
    """One request too many hears its real 429, when to come again, and why; it goes no further.

    It hears how it stands to its rate, too, by the draft standard and by the older names. The
    client waits as long as it is told (D12).
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
    told = {name.lower(): value for name, value in heard.headers}
    assert told["ratelimit-policy"] == '"own";q=2;w=3600'
    assert told["ratelimit"].startswith('"own";r=0;t=')
    assert (told["x-ratelimit-limit"], told["x-ratelimit-remaining"]) == ("2", "0")
    assert 0 < int(told["x-ratelimit-reset"]) <= 3600
    assert len(proxied.api.seen) == 2


@pytest.fixture
def slow(proxied: Proxied) -> Iterator[None]:
    """Let the policy allow each token one request in a thousand seconds."""
    allows(proxied.live.replica, 0.001)
    yield
    allows(proxied.live.replica, None)


@pytest.mark.usefixtures("slow")
def test_the_policys_rate_is_429_through_every_proxy(proxied: Proxied) -> None:
    """What the policy allows each token holds at every proxy, while the policy says so (S42)."""
    number = BASE + 340 + sorted(BEFORE).index(proxied.kind)
    token = holder(proxied.live.replica, READ, token=number, expires_at=now_us() + HOUR_US)
    raw = Case("", target="/items/18").raw(token)
    proxied.api.seen.clear()
    assert say(proxied.port, raw).status == 200
    heard = say(proxied.port, raw)
    assert heard.status == 429
    [error] = heard.json["errors"]
    assert (error["code"], error["meta"]["violated-policies"]) == ("RATE_LIMIT_EXCEEDED", ["token"])
    [again] = [value for name, value in heard.headers if name.lower() == "retry-after"]
    assert 900 < int(again) <= 1000
    allows(proxied.live.replica, None)
    assert say(proxied.port, raw).status == 200
    assert len(proxied.api.seen) == 2
