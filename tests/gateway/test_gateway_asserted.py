"""What an assertion says: all that an API filters by which trusts no header (S52)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from counterfoil.gateway.assertion import Signer
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from support.decisions import trail_in
from support.doorway import House, Told
from support.gate import ACME, BASE, bounds, record, tell
from support.shop import READ, SHELF, SHOP, WRITE, holder
from tools.gate import CLAIMS

MOST = tuple(SHELF + number for number in range(100))
"""So many roots a token may have."""
HEADERS = {
    "sub": "Counterfoil-Subject",
    "org": "Counterfoil-Organization",
    "token": "Counterfoil-Token-Id",
    "kind": "Counterfoil-Token-Kind",
    "scope": "Counterfoil-Scopes",
    "roots": "Counterfoil-Roots",
}
"""Where the same stands that a claim says."""


@pytest.fixture
def signing(house: House) -> Iterator[House]:
    """A gate that signs; at `/docs` the shop itself sees to where a token holds."""
    books = Books(house.replica, house.clock, house.home / "follower.lock")
    counts, signer = Meters(house.home / "meters"), Signer(bytes(32), house.clock)
    kept = Kept(counts, trail_in(house.home))
    house.gateway = Gateway(books, kept, lambda: "7" * 32, signer=signer)
    yield house
    counts.close()


def proved(house: House, told: Told) -> dict[str, Any]:
    """Return what an assertion says, verified as an API does."""
    word = told.headers["Counterfoil-Assertion"]
    key = jwt.PyJWKSet.from_json(house.ask("/.well-known/jwks.json").body.decode()).keys[0]
    said: dict[str, Any] = jwt.decode(
        word,
        key,
        algorithms=["EdDSA"],
        audience=f"api_{SHOP}",
        options={"verify_exp": False, "verify_iat": False},
    )
    return said


@pytest.mark.parametrize(
    ("roots", "said"),
    [
        (None, ""),
        ((), "none"),
        ((SHELF + 1, SHELF), f"nod_{SHELF} nod_{SHELF + 1}"),
        (MOST, " ".join(f"nod_{one}" for one in MOST)),
    ],
)
def test_an_assertion_says_what_the_headers_say(
    signing: House, roots: tuple[int, ...] | None, said: str
) -> None:
    """Where a token holds, and of which kind it is, is signed, in the spelling of the headers."""
    token = holder(signing.replica, READ, roots=roots)
    for _ in range(2):  # what is said of a caller is remembered
        told = signing.nginx("GET", "/docs", token)
        claims = proved(signing, told)
        assert claims.keys() == CLAIMS.keys()
        assert {name: told.headers[header] for name, header in HEADERS.items()} == {
            name: claims[name] for name in HEADERS
        }
        assert (claims["roots"], claims["kind"]) == (said, "personal")


def test_it_says_so_of_each_caller_and_now(signing: House) -> None:
    """What was said of one token is said of no other, and no more when it has changed."""
    bound = holder(signing.replica, READ, roots=(SHELF,))
    free = holder(signing.replica, READ, WRITE, token=BASE + 102)
    for token, roots in ((bound, f"nod_{SHELF}"), (free, ""), (bound, f"nod_{SHELF}")):
        assert proved(signing, signing.nginx("GET", "/docs", token))["roots"] == roots
    moved = bounds(ACME, scopes=0, custom=(READ,), roots=(SHELF + 1,))
    tell(signing.replica, record(bound, moved, token=BASE + 101))
    told = proved(signing, signing.nginx("GET", "/docs", bound))
    assert told["roots"] == f"nod_{SHELF + 1}"


def test_roots_make_an_assertion_no_longer_than_the_header_does(signing: House) -> None:
    """A hundred roots, which is the most, cost it what they cost the header, in Base64."""
    words = [
        signing.nginx("GET", "/docs", holder(signing.replica, READ, roots=roots)).headers
        for roots in (None, MOST)
    ]
    few, many = (len(one["Counterfoil-Assertion"]) for one in words)
    assert many - few <= -(-len(words[1]["Counterfoil-Roots"]) * 4 // 3) + 2
