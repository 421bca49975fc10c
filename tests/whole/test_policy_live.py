"""A policy is changed over HTTP, and every worker of the real server keeps to it at once."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from counterfoil.demo.walk import Walk
from infra.server import Server, serving
from support.sample import Sample, Talker


def change(sample: Sample, server: Server, **attributes: Any) -> None:
    """Change the policy as the admin who signs in."""
    ann = sample.told["people"][0]
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        session = walk.sign_in("Ann", ann["email"], ann["password"])
    talk = Talker(server.port).bearing(session)
    path = f"/cma/organizations/{sample.told['organization']['id']}/token_policy"
    seen = talk("GET", path)
    body = {"data": {"type": "token_policy", "attributes": attributes}}
    done = talk("PATCH", path, body, If_Match=seen.headers["etag"])
    assert done.status == 200, done.body
    shown = done.body["data"]["attributes"]
    assert {name: shown[name] for name in attributes} == attributes


@pytest.mark.parametrize("path", ["/cda/items", "/cda/preview/items"])
def test_the_delivery_rate(sample: Sample, server: Server, path: str) -> None:
    """Delivery and preview are free until the policy sets a rate; that holds at once (S42)."""
    talk = Talker(server.port).bearing(sample.token("manager"))
    free = [talk("GET", path) for _ in range(40)]
    assert {one.status for one in free} == {200}
    assert not any("x-ratelimit-limit" in one.headers for one in free)
    change(sample, server, delivery_rate=0.01)
    first, second = talk("GET", path), talk("GET", path)
    assert (first.status, second.status) == (200, 429)
    assert second.body["errors"][0]["code"] == "RATE_LIMIT_EXCEEDED"
    assert 90 <= int(second.headers["retry-after"]) <= 100
    other = Talker(server.port).bearing(sample.token("personal"))
    assert other("GET", path).status == 200
    change(sample, server, delivery_rate=None)
    assert talk("GET", path).status == 200


def test_how_long_a_lock_holds(sample: Sample, server: Server) -> None:
    """A lock on a node or an API token that is taken from now on holds as the policy says (Q14)."""
    manager = Talker(server.port).bearing(sample.token("manager"))
    token = next(one["id"] for one in manager("GET", "/cma/api_tokens").body["data"])
    for minutes in (30, 2):
        if minutes != 30:
            change(sample, server, lock_minutes=minutes)
        for place in (f"nodes/{sample.told['nodes']['/site/press']}", f"api_tokens/{token}"):
            path = f"/cma/{place}/lock"
            held = manager("PUT", path).body["data"]["attributes"]
            taken, ends = (datetime.fromisoformat(held[name]) for name in ("taken_at", "ends_at"))
            assert ends - taken == timedelta(minutes=minutes)
            assert manager("DELETE", path).status == 204


def test_a_strict_audit(sample: Sample) -> None:
    """Under a strict policy a read that was answered is on record, even if we die then (R16)."""
    with serving(sample.directory) as server:
        change(sample, server, audit_strict=True)
        talk = Talker(server.port).bearing(sample.token("weak"))
        read = talk("GET", "/cda/items")
        os.killpg(server.process.pid, signal.SIGKILL)
    assert read.status == 200
    with serving(sample.directory) as server:
        talk = Talker(server.port).bearing(sample.token("manager"))
        found = talk("GET", "/cma/audit_events?filter[operation]=delivery.list")
        (entry,) = found.body["data"]
        assert entry["attributes"]["request_id"] == read.headers["x-request-id"]
        assert entry["attributes"]["token_name"] == "demo-weak"
