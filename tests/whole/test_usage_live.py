"""Workers of the real server count for themselves, and what they counted is in the books soon."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import Any

from counterfoil.demo.walk import Walk
from infra.server import Server, serving
from infra.wait import wait_until
from support.sample import Sample, Talker


def tokens(sample: Sample, server: Server) -> dict[str, Any]:
    """Return what everybody's personal tokens are like, by hint, as the admin sees them."""
    ann = sample.told["people"][0]
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        session = walk.sign_in("Ann", ann["email"], ann["password"])
    path = "/cma/personal_access_tokens?filter[owner]=all"
    seen = Talker(server.port).bearing(session)("GET", path).body["data"]
    return {one["attributes"]["token_hint"]: one["attributes"] for one in seen}


def test_used_a_moment_ago(sample: Sample) -> None:
    """A token that was used shows when, by which client and from where, within seconds.

    What was written is there after a kill -9 of every worker (R16, G12g).
    """
    secret = sample.token("personal")
    hint = f"{secret[:4]}…{secret[-4:]}"
    with serving(sample.directory, "--workers", "2") as server:
        before = tokens(sample, server)[hint]
        talk = Talker(server.port).bearing(secret, **{"User-Agent": "curl/8.5.0"})
        for _ in range(20):
            assert talk("GET", "/cda/items").status == 200
        wait_until(lambda: tokens(sample, server)[hint]["last_client"] == "curl/8.5.0", "last use")
        os.killpg(server.process.pid, signal.SIGKILL)
    with serving(sample.directory) as server:
        after = tokens(sample, server)[hint]
    assert after["last_network"] == "127.0.0.0/24"
    assert after["last_used_at"] > (before["last_used_at"] or "")
