"""The judge: who may take which route of a registered API, and about which of its nodes."""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import Any

import pytest

from counterfoil.feed.event import (
    ApiRecorded,
    ApiRouted,
    ApiStruck,
    ResourcePlaced,
    ResourceRemoved,
    RoleRecorded,
    TokenStruck,
)
from counterfoil.gate.asked import Let, Wanted
from counterfoil.gate.judge import Judge
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import ApiId
from counterfoil.secret import digest
from support.gate import (
    ACME,
    BASE,
    DEV,
    NOW,
    OTHER,
    SECOND,
    SITE,
    bounds,
    mint,
    record,
    tell,
    under,
)
from support.office import StandingClock
from support.shop import API, BOOK, READ, ROUTES, SHELF, SHOP, TOY, holder


@pytest.fixture
def judge(replica: Replica, verifier: Verifier) -> Judge:
    """A judge who knows the shop's routes and tree."""
    tell(replica, *API)
    return Judge(verifier)


def ask(judge: Judge, method: str, target: str, token: str | None = None, **more: Any) -> Let:
    """Ask whether a request may pass."""
    return judge.judge(Wanted(ApiId(SHOP), method, target, token, **more))


def refusal(judge: Judge, method: str, target: str, token: str | None = None) -> Code:
    """Return why a request may not pass."""
    with pytest.raises(CounterfoilError) as caught:
        ask(judge, method, target, token)
    return caught.value.code


def test_who_holds_the_scope_takes_the_route(judge: Judge, replica: Replica) -> None:
    """A listed route is open to who holds its scope, and the node that it is about is known."""
    token = holder(replica, READ)
    let = ask(judge, "GET", "/items/17?draft=1", token)
    assert let.caller is not None
    assert (let.caller.token, let.node) == (BASE + 101, TOY)
    assert let.route is not None
    assert let.route.path == "/items/{item}"
    assert ask(judge, "HEAD", "/items", token).node is None


@pytest.mark.parametrize(
    ("method", "target", "code"),
    [
        ("PUT", "/items/17", Code.INSUFFICIENT_SCOPE),
        ("DELETE", "/items/17", Code.ROUTE_NOT_LISTED),
        ("GET", "/admin", Code.ROUTE_NOT_LISTED),
        ("GET", "/items/17/", Code.ROUTE_NOT_LISTED),
        ("GET", "/items//17", Code.INVALID_REQUEST),
        ("GET", "/Items/17", Code.INVALID_REQUEST),
        ("get", "/items/17", Code.INVALID_REQUEST),
        ("GET", "/search?under=17&under=18", Code.INVALID_REQUEST),
    ],
)
def test_everything_else_is_closed(
    judge: Judge, replica: Replica, method: str, target: str, code: Code
) -> None:
    """What is not listed, not held or not plain is denied, each with its own reason."""
    assert refusal(judge, method, target, holder(replica, READ)) is code


def test_strangers_learn_nothing_of_the_table(judge: Judge) -> None:
    """Without a good token a listed path and an unlisted one are answered alike."""
    for target in ("/items/17", "/admin"):
        assert refusal(judge, "GET", target) is Code.MISSING_AUTHORIZATION_HEADER
        assert refusal(judge, "GET", target, mint()) is Code.INVALID_TOKEN


def test_an_open_route_asks_for_nothing(judge: Judge) -> None:
    """A route that was declared to be open is, for its methods alone, and names nobody."""
    assert ask(judge, "GET", "/health").caller is None
    assert refusal(judge, "POST", "/health") is Code.MISSING_AUTHORIZATION_HEADER


def test_no_secret_is_remembered_of_an_address(
    judge: Judge, verifier: Verifier, replica: Replica
) -> None:
    """Of what strangers ask for it is remembered where it leads, if no secret can be in it."""
    token = holder(replica, READ)
    ask(judge, "GET", "/items/17", token)
    for target in (f"/items/17?access_token={mint()}", "/items/17?key=hunter2", f"/items/{mint()}"):
        refusal(judge, "GET", target)
    assert {address for _, _, address in verifier.latest.ways} <= {"/items/17"}


@pytest.mark.parametrize(
    "target", ["/items/17", "/garden/open", "/garden/open/late", "/search?under=toys"]
)
def test_roots_reach_what_is_below_them(judge: Judge, replica: Replica, target: str) -> None:
    """A token that is restricted to a part of the API's tree reaches that part."""
    ask(judge, "GET", target, holder(replica, READ, roots=(SHELF,)))


@pytest.mark.parametrize(
    "target",
    [
        "/items/18",
        "/items/99",
        "/items",
        "/search",
        "/search?under=18",
        "/search?under=",
        "/garden/",
    ],
)
def test_roots_reach_nothing_else(judge: Judge, replica: Replica, target: str) -> None:
    """Beside its roots, for what the API has not told us of, and for no node in particular: no."""
    token = holder(replica, READ, roots=(SHELF,))
    assert refusal(judge, "GET", target, token) is Code.OUTSIDE_ROOT_NODES


def test_roots_elsewhere_open_nothing(judge: Judge, replica: Replica) -> None:
    """A token restricted to content reaches of an API only what says that nodes do not matter."""
    token = holder(replica, READ, roots=(SITE,))
    assert refusal(judge, "GET", "/items/17", token) is Code.OUTSIDE_ROOT_NODES
    ask(judge, "GET", "/docs", token)


def test_a_role_is_bounded_as_a_token_is(judge: Judge, replica: Replica) -> None:
    """The roots of the role behind a token hold in the API's tree too."""
    token = holder(replica, READ)
    tell(
        replica, RoleRecorded(organization=ACME, role=DEV, scopes=0, custom=(READ,), roots=(SHELF,))
    )
    ask(judge, "GET", "/items/17", token)
    for target in ("/items/18", "/items/99", "/items"):
        assert refusal(judge, "GET", target, token) is Code.INSUFFICIENT_ROLE


def test_a_move_is_followed_at_once(judge: Judge, replica: Replica) -> None:
    """A resource that moves leaves or enters a restriction with the next request (S27)."""
    token = holder(replica, READ, roots=(SHELF,))
    tell(replica, ResourcePlaced(organization=ACME, api=SHOP, key="17", node=TOY, parent=SHOP + 1))
    tell(replica, ResourcePlaced(organization=ACME, api=SHOP, key="18", node=BOOK, parent=SHELF))
    assert refusal(judge, "GET", "/items/17", token) is Code.OUTSIDE_ROOT_NODES
    ask(judge, "GET", "/items/18", token)


def test_a_key_that_comes_back_is_another_node(judge: Judge, replica: Replica) -> None:
    """Who was restricted to a resource that is gone reaches nothing by another of its key (S27)."""
    token = holder(replica, READ, roots=(TOY,))
    ask(judge, "GET", "/items/17", token)
    tell(replica, ResourceRemoved(organization=ACME, api=SHOP, key="17", node=TOY))
    assert refusal(judge, "GET", "/items/17", token) is Code.OUTSIDE_ROOT_NODES
    tell(
        replica, ResourcePlaced(organization=ACME, api=SHOP, key="17", node=TOY + 50, parent=SHELF)
    )
    assert refusal(judge, "GET", "/items/17", token) is Code.OUTSIDE_ROOT_NODES


def test_another_organizations_token_is_none(judge: Judge, replica: Replica) -> None:
    """An API is its organization's: a token that does not speak there opens none of its routes."""
    token = holder(replica, READ, organization=OTHER)
    assert refusal(judge, "GET", "/items/17", token) is Code.NOT_A_MEMBER


def test_a_table_is_as_new_as_the_books(judge: Judge, replica: Replica) -> None:
    """A route that is withdrawn is closed with the next request, as is a retired scope or API."""
    token = holder(replica, READ)
    ask(judge, "GET", "/items", token)
    tell(replica, ApiRouted(organization=ACME, api=SHOP, routes=ROUTES[:1]))
    assert refusal(judge, "GET", "/items", token) is Code.ROUTE_NOT_LISTED
    tell(replica, ApiRouted(organization=ACME, api=SHOP, routes=ROUTES))
    tell(replica, ApiRecorded(organization=ACME, api=SHOP, scopes=()))
    assert refusal(judge, "GET", "/items", token) is Code.INSUFFICIENT_SCOPE
    tell(replica, ApiStruck(organization=OTHER, api=SHOP))
    ask(judge, "GET", "/health")
    tell(replica, ApiStruck(organization=ACME, api=SHOP))
    assert refusal(judge, "GET", "/health") is Code.ROUTE_NOT_LISTED


def test_browsers_may_ask_first_where_the_api_lets_them(judge: Judge, replica: Replica) -> None:
    """A preflight passes without a token if the table says so and lists what is asked about."""
    for preflights in (False, True):
        tell(
            replica,
            ApiRouted(organization=ACME, api=SHOP, routes=ROUTES, preflights=preflights),
        )
        for method, target, passes in (
            ("PUT", "/items/17", preflights),
            ("DELETE", "/items/17", False),
            ("GET", "/admin", False),
        ):
            if passes:
                assert ask(judge, "OPTIONS", target, preflight=method).caller is None
            else:
                with pytest.raises(CounterfoilError):
                    ask(judge, "OPTIONS", target, preflight=method)


def test_from_where_is_asked_before_the_route(judge: Judge, replica: Replica) -> None:
    """A token bound to networks takes no route from elsewhere, nor where nobody says from where."""
    text = mint()
    grant = under(bounds(scopes=0, custom=(READ,)), networks=("192.0.2.0/24",))
    tell(replica, record(text, grant))
    for address in ("", "198.51.100.1"):
        with pytest.raises(CounterfoilError) as caught:
            ask(judge, "GET", "/nowhere", text, address=address)
        assert caught.value.code is Code.IP_NOT_ALLOWED
    with pytest.raises(CounterfoilError) as caught:
        ask(judge, "GET", "/nowhere", text, address="192.0.2.7")
    assert caught.value.code is Code.ROUTE_NOT_LISTED


def test_what_was_let_through_is_forgotten_in_time(
    judge: Judge, replica: Replica, clock: StandingClock
) -> None:
    """Who passed a moment ago is refused once they have expired, and once they were revoked."""
    short = holder(replica, READ, token=BASE + 402, expires_at=NOW + SECOND)
    lasting = holder(replica, READ, token=BASE + 401)
    for _ in range(2):
        ask(judge, "GET", "/items/17", short)
        ask(judge, "GET", "/items/17", lasting)
    clock.move_on(seconds=1)
    assert refusal(judge, "GET", "/items/17", short) is Code.TOKEN_EXPIRED
    ask(judge, "GET", "/items/17", lasting)
    tell(replica, TokenStruck(organization=ACME, token=BASE + 401, digests=(digest(lasting),)))
    assert refusal(judge, "GET", "/items/17", lasting) is Code.INVALID_TOKEN


def test_what_was_let_through_is_one_address_by_one_method(judge: Judge, replica: Replica) -> None:
    """A pass is remembered for the very request: no other method or address has it."""
    token = holder(replica, READ, roots=(SHELF,))
    ask(judge, "GET", "/items/17", token)
    assert refusal(judge, "PUT", "/items/17", token) is Code.INSUFFICIENT_SCOPE
    assert refusal(judge, "GET", "/items/18", token) is Code.OUTSIDE_ROOT_NODES
    assert refusal(judge, "GET", "/items/17/", token) is Code.ROUTE_NOT_LISTED


def test_an_open_route_heeds_no_token(judge: Judge) -> None:
    """A route that is open to everybody is open to who presents nonsense, too."""
    for text in ("nonsense", mint()):
        assert ask(judge, "GET", "/health", text).caller is None


@pytest.mark.parametrize("whose", ["nobody's", "a holder's", "none", "no token"])
def test_a_refusal_that_is_thrown_leaves_nothing_to_be_collected(
    judge: Judge, replica: Replica, whose: str
) -> None:
    """An error does not keep the frames alive through which it came: memory is free at once."""
    said = {"nobody's": mint(), "a holder's": holder(replica, READ), "none": None}
    gc.collect()
    gc.disable()
    for number in range(50):
        with suppress(CounterfoilError):
            ask(judge, "GET", f"/nothing/{number}", said.get(whose, "none"))
    gc.enable()
    assert gc.collect() < 50
