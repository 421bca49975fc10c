"""The configurations that we ship, where clients come by TLS and speak HTTP/2."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from infra.echo import Echo, echo
from infra.nginx import trusting
from infra.proxies_tls import BY_TLS
from support.arrived import SAID, arrives_as_decided, arrives_named, names_nobody
from support.framed import BEARER, Case, pseudo
from support.gate import BASE
from support.proxied import Live
from support.raw_http import Heard, say
from support.raw_http2 import say_framed
from support.shop import SHOP
from support.smuggling import FORGED
from support.smuggling_http2 import CASES, FAMILIES, GOOD

_BETWEEN = 100
"""After so many ambiguous requests a plain one is sent."""

_AT_ONCE = 20


@dataclass(frozen=True)
class Framing:
    """A proxy before the shop's API to which a client speaks HTTP/2."""

    kind: str
    port: int
    live: Live
    api: Echo
    trust: ssl.SSLContext

    def say(self, *cases: Case, token: str | None = None) -> list[Heard | None]:
        """Send requests at once on one connection, as the shelf's token unless another is named."""
        self.api.seen.clear()
        text = self.live.tokens.shelf if token is None else token
        return say_framed(self.port, self.trust, [case.framed(text) for case in cases])

    def status(self, case: Case) -> int | None:
        """Send one; return the status of its answer, or none if it was cut off."""
        [heard] = self.say(case)
        return None if heard is None else heard.status


@pytest.fixture(scope="module", params=sorted(BY_TLS))
def framing(
    request: pytest.FixtureRequest, live: Live, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Framing]:
    """Each proxy, speaking HTTP/2 with a certificate of its own."""
    kind: str = request.param
    here: Path = tmp_path_factory.mktemp(f"{kind}-tls")
    with (
        echo() as api,
        BY_TLS[kind](here, gate=live.gate.port, api=api.port, id_=SHOP) as port,
    ):
        yield Framing(kind, port, live, api, trusting(here / "cert.pem"))


def passes(framing: Framing) -> None:
    """Send what is good, and see that it arrives as it was sent, with who sent it."""
    assert framing.status(GOOD) == 200
    [seen] = [one for one in framing.api.seen if one.target == "/items/17"]
    assert seen.method == "GET"
    assert seen.values("Host") == ["api.test"]
    arrives_named(seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_request_is_smuggled_in_frames(framing: Framing, family: str) -> None:
    """Of thousands of ambiguous requests the API sees none that the token may not send (S51).

    Each names whom the gate named, in every header and in no other word. Before, between and after
    them a plain request of the same token passes: so nothing was refused because everything was.
    """
    arrived = 0
    for number, case in enumerate(FAMILIES[family]):
        if number % _BETWEEN == 0:
            passes(framing)
        with suppress(OSError):  # to be cut off is as good as a no
            framing.say(case)
        for seen in (came := list(framing.api.seen)):
            assert not case.closed, (case, seen)
            arrives_as_decided(seen)
        arrived += len(came)
    passes(framing)
    if family == "translated":
        assert arrived > 100  # most of the forged ones are good requests but for that


def test_what_arrives_is_what_was_forged(framing: Framing) -> None:
    """A good request with a forged name beside it passes, so that is what the proxy drops (S51)."""
    forged = tuple((name.lower(), FORGED) for name in SAID)
    assert framing.status(Case("", (*pseudo(), *BEARER, *forged))) == 200
    arrives_named(framing.api.seen[0])
    assert framing.status(Case("", (*pseudo(path="/health"), *forged))) == 200
    names_nobody(framing.api.seen[0])


def test_requests_beside_each_other_keep_their_names(framing: Framing) -> None:
    """Of requests at once on a connection the good ones arrive, each as its own token's (S51)."""
    reader = framing.live.tokens.reader
    other = Case("", (*pseudo(path="/items/18"), ("authorization", f"Bearer {reader}")))
    refused = Case("", (*pseudo(path="/items/18"), *BEARER))
    closed = Case("", (*pseudo(path="/admin"), *BEARER, ("counterfoil-subject", FORGED)))
    nobody = Case("", pseudo())
    told = framing.say(*(GOOD, closed, other, refused, nobody) * _AT_ONCE)
    assert [one and one.status for one in told] == [200, 403, 200, 403, 401] * _AT_ONCE
    assert sorted(one.target for one in framing.api.seen) == sorted(
        ["/items/17", "/items/18"] * _AT_ONCE
    )
    for seen in framing.api.seen:
        if seen.target == "/items/17":
            arrives_named(seen)
        else:
            assert seen.values("Counterfoil-Token-Id") == [f"tok_{BASE + 302}"]


def test_who_says_nothing_is_not_who_spoke_before(framing: Framing) -> None:
    """A credential and a forged name on one stream say nothing on the next (S51)."""
    bare = Case("", pseudo())
    forged = replace(GOOD, fields=(*GOOD.fields, ("counterfoil-subject", FORGED)))
    told = framing.say(forged, bare, forged, bare)
    assert [one and one.status for one in told] == [200, 401, 200, 401]
    assert len(framing.api.seen) == 2
    for seen in framing.api.seen:
        arrives_named(seen)


def test_there_are_thousands() -> None:
    """Tried in frames are more than two thousand requests, each of them another (S51)."""
    assert len({(case.fields, case.body, case.trailers) for case in CASES}) > 2_000


def test_the_api_would_see_it() -> None:
    """The API takes what follows a body for headers: what is forged there would be seen."""
    raw = (
        b"GET /items/17 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\nx\r\n0\r\nCounterfoil-Subject: forged\r\n\r\n"
    )
    with echo() as api:
        assert say(api.port, raw).status == 200
    assert api.seen[0].values("Counterfoil-Subject") == [FORGED]
