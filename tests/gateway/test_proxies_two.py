"""Two APIs behind one proxy, each by what its own page has pasted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from counterfoil.feed.event import ApiRecorded, ApiRouted, RouteRecord
from infra.echo import echo
from infra.nginx import nginx
from infra.proxies import caddy, snippet
from infra.wait import free_port, listens, wait_until
from support.gate import ACME, tell
from support.proxied import Live
from support.raw_http import say
from support.shop import SHOP
from support.smuggling import Case

RUN: dict[str, Callable[[Path, str, int], AbstractContextManager[None]]] = {
    "nginx": nginx,
    "caddy": caddy,
}
YARD = SHOP + 90
OPEN = (RouteRecord(("GET",), "/yard", ""),)


@pytest.mark.parametrize("kind", sorted(RUN))
def test_two_apis_are_pasted_into_one_proxy(kind: str, live: Live, tmp_path: Path) -> None:
    """Neither paste takes a name that the other has; each asks about its own API alone.

    What is a route of the one passes there, and is refused where it is asked about the other.
    """
    tell(
        live.replica,
        ApiRecorded(organization=ACME, api=YARD, scopes=()),
        ApiRouted(organization=ACME, api=YARD, routes=OPEN),
    )
    raw = {one: Case("", target=one).raw(live.tokens.reader) for one in ("/items/18", "/yard")}
    with ExitStack() as running:
        shop, yard = (running.enter_context(echo()) for _ in range(2))
        at = {SHOP: (free_port(), shop), YARD: (free_port(), yard)}
        texts = [
            text
            for id_, (port, api) in at.items()
            for text in snippet(kind, gate=live.gate.port, api=api.port, id_=id_, port=port)
        ]
        running.enter_context(RUN[kind](tmp_path, "\n".join(texts), at[SHOP][0]))
        wait_until(lambda: listens(at[YARD][0]), f"{kind} to listen for both")
        seen = {
            (id_, target): say(port, text).status
            for id_, (port, _) in at.items()
            for target, text in raw.items()
        }
    assert (seen[SHOP, "/items/18"], seen[YARD, "/yard"]) == (200, 200)
    assert (seen[SHOP, "/yard"], seen[YARD, "/items/18"]) == (403, 403)
    assert [one.target for one in shop.seen] == ["/items/18"]
    assert [one.target for one in yard.seen] == ["/yard"]
