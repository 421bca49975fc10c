"""How far the gate's books must go, as a client says it through each proxy (S29)."""

from __future__ import annotations

import pytest

from support.proxied import Proxied
from support.raw_http import Heard, say
from support.smuggling import Case

AT_LEAST = "Counterfoil-At-Least"


def asked(proxied: Proxied, *said: str) -> Heard:
    headers = tuple((AT_LEAST, one) for one in said)
    return say(proxied.port, Case("", headers=headers).raw(proxied.live.tokens.reader))


def test_nobody_is_judged_by_older_books_than_they_ask_for(proxied: Proxied) -> None:
    """Through every proxy the gate hears the position, and says no where it is behind it (S29)."""
    here = proxied.live.replica.position()
    for said in ([], ["0"], [str(here)]):
        assert asked(proxied, *said).status == 200
    proxied.api.seen.clear()
    assert asked(proxied, str(here + 1)).status == 503
    assert asked(proxied, "soon").status == 400
    assert proxied.api.seen == []


@pytest.mark.parametrize("aside", ["X-Original-At-Least", "Counterfoil-At-Least-Too"])
def test_it_is_said_in_one_header_alone(proxied: Proxied, aside: str) -> None:
    """Where a proxy holds it aside, and what is called nearly so, nobody says it for a client."""
    far = str(proxied.live.replica.position() + 1)
    raw = Case("", headers=((aside, far),)).raw(proxied.live.tokens.reader)
    assert say(proxied.port, raw).status == 200
    raw = Case("", headers=((AT_LEAST, far), (aside, "0"))).raw(proxied.live.tokens.reader)
    assert say(proxied.port, raw).status == 503
