"""Tokens with scopes of registered APIs: asked for, edited, lost and regained, at a real gate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counterfoil import directory
from counterfoil.access.role import Role
from counterfoil.access.scope import Scopes
from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.define_role import create_role, edit_role
from counterfoil.directory.enroll import assign, enroll
from counterfoil.directory.register_api import create_api, edit_api, retire
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Invalid
from counterfoil.secret import Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.edit import edit
from counterfoil.tokens.renew import renew
from counterfoil.tokens.wish import Wish
from support.tokens import READ, Agency, Hall, code, pointer, request_of


class Shop(Agency):
    """An agency with a registered API, and Sue, who may read its orders."""

    def __init__(self, hall: Hall, name: str = "Acme", preset: str = "dx") -> None:
        super().__init__(hall, name, preset)
        scopes = [("shop:read", "Read orders"), ("shop:write", "Write orders")]
        with self.acting(self.ada) as work:
            self.api: Api = create_api(work, ApiWish("Shop", "https://shop.test/", scopes))
        with self.acting(self.ada) as work:
            mask = self.mask("shop:read") | READ
            self.roles["seller"] = create_role(work, "seller", mask)
        self.sue = self.hire(f"Sue{name}", "seller")

    def mask(self, *names: str) -> Scopes:
        with self.office.database.reading() as tx:
            return directory.vocabulary(tx, self.id).read(names)

    def seller(self, *names: str) -> Role:
        """Let sellers do this now."""
        mask = self.mask(*names)
        with self.acting(self.ada) as work:
            return edit_role(work, self.roles["seller"].id, lambda one: replace(one, scopes=mask))

    def verdict(self, secret: Secret, name: str = "shop:read") -> str:
        """Say what the gate makes of a request for a scope of the shop."""
        sent = {"HTTP_AUTHORIZATION": f"Bearer {secret.reveal()}"}
        try:
            self.hall.verifier.decide_custom(sent, name, self.id)
        except CounterfoilError as error:
            return str(error.code)
        return "allowed"


@pytest.fixture
def shop(hall: Hall) -> Shop:
    return Shop(hall)


def test_a_scope_beyond_the_role_is_refused_by_name(shop: Shop) -> None:
    """A custom scope that the role lacks is refused, named, and nothing is created (X4)."""
    before = shop.counts()
    door = shop.door(shop.caller(shop.sue))
    for names, lacking in (
        (["shop:read", "shop:write"], "shop:write"),
        (["shop:read", "content:publish"], "content:publish"),
    ):
        refused = door("POST", "/cma/personal_access_tokens", {"name": "x", "scopes": names})
        assert (refused.status_code, code(refused)) == (422, "SCOPE_ABOVE_ROLE")
        assert refused.json["errors"][0]["meta"]["scopes"] == [lacking]
        assert lacking in refused.json["errors"][0]["detail"]
    assert shop.counts() == before


@pytest.mark.parametrize("name", ["shop:eat", "shop:Read", "retired:read"])
def test_a_scope_that_is_not_supported_is_refused_by_name(shop: Shop, name: str) -> None:
    """An unknown, misspelled or retired scope is refused by name to an admin too (X5)."""
    with shop.acting(shop.ada) as work:
        old = create_api(work, ApiWish("Old", "old", [("retired:read", "")]))
    with shop.acting(shop.ada) as work:
        retire(work, old.id)
    before = shop.counts()
    door = shop.door(shop.caller(shop.ada))
    for path in ("/cma/personal_access_tokens", "/cma/personal_access_tokens/preview"):
        refused = door("POST", path, {"name": "x", "scopes": [name]})
        assert (refused.status_code, pointer(refused)) == (422, "/data/attributes/scopes")
        assert repr(name) in refused.json["errors"][0]["detail"]
    assert shop.counts() == before
    offered = door("GET", "/cma/personal_access_tokens/options").json["data"]["attributes"]
    assert {"shop:read", "shop:write", "content:read"} <= set(offered["scopes"])
    assert name not in offered["scopes"]


def test_only_what_the_role_holds_is_offered(shop: Shop) -> None:
    """The choice for a token is the member's own scopes, custom ones among them (X6)."""
    door = shop.door(shop.caller(shop.sue))
    offered = door("GET", "/cma/personal_access_tokens/options").json["data"]["attributes"]
    assert offered["scopes"] == ["content:read", "shop:read"]
    asked = {"name": "x", "scopes": ["shop:read"]}
    shown = door("POST", "/cma/personal_access_tokens/preview", asked).json["data"]["attributes"]
    assert (shown["scopes"], shown["effective"]["scopes"]) == (["shop:read"], ["shop:read"])


def test_a_token_carries_a_custom_scope(shop: Shop) -> None:
    """Asked for by name, shown by name, and good at the gate for that and nothing else (X4)."""
    door = shop.door(shop.caller(shop.sue))
    asked = {"name": "x", "scopes": ["shop:read"]}
    made = door("POST", "/cma/personal_access_tokens", asked)
    assert made.status_code == 201
    attributes = made.json["data"]["attributes"]
    assert attributes["scopes"] == ["shop:read"]
    sent = {"Authorization": f"Bearer {attributes['token']}"}
    itself = shop.door(None)("GET", "/cma/token", headers=sent).json["data"]["attributes"]
    assert itself["scopes"] == ["shop:read"]
    assert itself["terms"] == [{"scopes": ["shop:read"], "roots": None}]
    secret = {"HTTP_AUTHORIZATION": sent["Authorization"]}
    shop.hall.verifier.decide_custom(secret, "shop:read")
    for name in ("shop:write", "content:read"):
        with pytest.raises(Denied):
            shop.hall.verifier.decide_custom(secret, name)


def test_scopes_are_edited_in_place(shop: Shop) -> None:
    """An edit takes effect on the next request, within the role, under the same secret (X14)."""
    made = shop.ask(shop.sue, scopes=READ)
    assert shop.verdict(made.secret) == "INSUFFICIENT_SCOPE"
    door, path = shop.door(shop.caller(shop.sue)), f"/cma/personal_access_tokens/{made.token.id}"
    wider = door("PATCH", path, {"scopes": ["shop:read", "content:read"]})
    assert (wider.status_code, shop.verdict(made.secret)) == (200, "allowed")
    above = door("PATCH", path, {"scopes": ["shop:read", "shop:write"]})
    assert (above.status_code, code(above)) == (422, "SCOPE_ABOVE_ROLE")
    assert shop.verdict(made.secret) == "allowed"
    assert door("PATCH", path, {"scopes": ["content:read"]}).status_code == 200
    assert shop.verdict(made.secret) == "INSUFFICIENT_SCOPE"


@pytest.mark.parametrize("inherit", [False, True])
def test_a_demotion_takes_and_a_promotion_gives_back(shop: Shop, inherit: bool) -> None:  # noqa: FBT001 - both ways
    """A role's loss is the token's on the next request, and its gain too; no token moves (X18)."""
    wish: dict[str, Any] = {"inherit": True} if inherit else {"scopes": shop.mask("shop:read")}
    made = shop.ask(shop.sue, **wish)
    version = shop.token(made.token.id).version
    assert shop.verdict(made.secret) == "allowed"
    shop.seller("content:read")
    assert shop.verdict(made.secret) == "INSUFFICIENT_SCOPE"
    shop.seller("content:read", "shop:read", "shop:write")
    assert shop.verdict(made.secret) == "allowed"
    assert shop.verdict(made.secret, "shop:write") == (
        "allowed" if inherit else "INSUFFICIENT_SCOPE"
    )
    for roles, expected in (([], "INSUFFICIENT_SCOPE"), (["seller"], "allowed")):
        with shop.acting(shop.ada) as work:
            assign(work, shop.sue, [shop.roles[name].id for name in roles])
        assert shop.verdict(made.secret) == expected
    assert shop.token(made.token.id).version == version


def test_an_admin_holds_what_is_registered_later(shop: Shop) -> None:
    """Who inherits every scope holds a new one at once, and loses it when it retires (X5)."""
    made = shop.ask(shop.ada, inherit=True)
    assert shop.verdict(made.secret, "desk:read") == "INSUFFICIENT_SCOPE"
    with shop.acting(shop.ada) as work:
        desk = create_api(work, ApiWish("Desk", "desk", [("desk:read", "")]))
    assert shop.verdict(made.secret, "desk:read") == "allowed"
    with shop.acting(shop.ada) as work:
        retire(work, desk.id)
    assert shop.verdict(made.secret, "desk:read") == "INSUFFICIENT_SCOPE"
    assert shop.hall.rebuilt() == shop.hall.replica.dump()


def test_a_scope_that_comes_back_is_given_anew(shop: Shop) -> None:
    """Who held a retired scope does not hold another of the same spelling (X5)."""
    made = shop.ask(shop.ada, scopes=shop.mask("shop:read", "content:read"))
    with shop.acting(shop.ada) as work:
        edit_api(work, shop.api.id, ApiWish(scopes=[("shop:write", "")]))
    with shop.acting(shop.ada) as work:
        edit_api(work, shop.api.id, ApiWish(scopes=[("shop:write", ""), ("shop:read", "")]))
    assert shop.verdict(made.secret) == "INSUFFICIENT_SCOPE"
    shown = shop.door(made.secret)("GET", "/cma/token").json["data"]["attributes"]
    assert shown["scopes"] == ["content:read"]
    with shop.acting(shop.ada) as work:
        edit(work, made.token.id, Wish(scopes=shop.mask("shop:read")))
    assert shop.verdict(made.secret) == "allowed"


def test_a_request_for_what_retired_meanwhile(hall: Hall) -> None:
    """An approver cannot give a scope that is no more; what is left can be given (X5, A11)."""
    shop = Shop(hall, preset="default")
    shop.seller("shop:read", "shop:write")
    both = shop.ask(shop.sue, scopes=shop.mask("shop:read", "shop:write"))
    one = shop.ask(shop.sue, scopes=shop.mask("shop:write"))
    assert shop.verdict(both.secret) == "TOKEN_PENDING_APPROVAL"
    with shop.acting(shop.ada) as work:
        edit_api(work, shop.api.id, ApiWish(scopes=[("shop:read", "")]))
    door, gone = shop.door(shop.caller(shop.ada)), f"/cma/token_requests/{request_of(one)}"
    refused = door("POST", f"{gone}/approve", headers={"If-Match": '"1"'})
    assert (refused.status_code, code(refused)) == (422, "SCOPE_ABOVE_ROLE")
    assert refused.json["errors"][0]["meta"]["scopes"] == ["shop:write"]
    asked = door("GET", f"/cma/token_requests/{request_of(both)}").json["data"]["attributes"]
    assert asked["asked"]["scopes"] == ["shop:read"]
    shop.approve(both)
    assert shop.verdict(both.secret) == "allowed"
    assert shop.verdict(both.secret, "shop:write") == "INSUFFICIENT_SCOPE"


def test_an_approver_gives_fewer_custom_scopes(hall: Hall) -> None:
    """What is approved may name fewer scopes of an API than were asked for (A11)."""
    shop = Shop(hall, preset="default")
    shop.seller("shop:read", "shop:write")
    asked = shop.ask(shop.sue, scopes=shop.mask("shop:read", "shop:write"))
    door = shop.door(shop.caller(shop.ada))
    path = f"/cma/token_requests/{request_of(asked)}/approve"
    less = {"scopes": ["shop:read"]}
    done = door("POST", path, less, {"If-Match": '"1"'}, type_="token_request")
    assert done.status_code == 200
    assert shop.verdict(asked.secret) == "allowed"
    assert shop.verdict(asked.secret, "shop:write") == "INSUFFICIENT_SCOPE"


def test_a_successor_leaves_behind_what_retired(shop: Shop) -> None:
    """A renewed token asks for what its predecessor still has (X19)."""
    made = shop.ask(shop.ada, scopes=shop.mask("shop:read", "shop:write"))
    with shop.acting(shop.ada) as work:
        edit_api(work, shop.api.id, ApiWish(scopes=[("shop:read", "")]))
    with shop.acting(shop.ada) as work:
        renewed = renew(work, made.token.id, Wish())
    assert renewed.token.grants[0].bounds.scopes == shop.mask("shop:read")


def test_api_tokens_and_pairs_carry_custom_scopes(shop: Shop) -> None:
    """A program's token takes them from its role, and a pair gives them for a while (K5, A15)."""
    token = shop.api_token("seller", scopes=shop.mask("shop:read"))
    assert shop.verdict(token.secret) == "allowed"
    with pytest.raises(Invalid) as refused:
        shop.api_token("seller", scopes=shop.mask("shop:write"))
    assert refused.value.meta == {"scopes": ["shop:write"]}
    maker = shop.api_token("admin", scopes=shop.mask("tokens:manage", "shop:read"), surfaces=7)
    seller: dict[str, Any] = {"authority": "role", "subject": shop.roles["seller"].id}
    with shop.with_token(maker.secret) as work:
        child = create_api_token(work, Wish("child", scopes=shop.mask("shop:read"), **seller))
    assert shop.verdict(child.secret) == "allowed"
    with pytest.raises(Denied), shop.with_token(maker.secret) as work:
        create_api_token(work, Wish("child", scopes=READ, **seller))


def test_a_custom_scope_is_of_one_organization(hall: Hall) -> None:
    """A token for all organizations names none: the same number is another scope there (K13)."""
    shop, other = Shop(hall), Agency(hall, "Other", preset="dx")
    with hall.database.reading() as tx:
        sue = directory.user(tx, shop.sue)
    with other.operating() as work:
        enroll(work, Newcomer(sue.name, sue.email), [other.roles["admin"].id])
    before = shop.counts()
    door = shop.door(shop.caller(shop.sue))
    asked = {"name": "x", "scopes": ["shop:read"], "span": "all"}
    refused = door("POST", "/cma/personal_access_tokens", asked)
    assert (refused.status_code, pointer(refused)) == (422, "/data/attributes/scopes")
    assert "shop:read" in refused.json["errors"][0]["detail"]
    assert shop.counts() == before
    inherits = shop.ask(shop.sue, inherit=True, span_all=True)
    assert shop.verdict(inherits.secret) == "allowed"
    sent = {"HTTP_AUTHORIZATION": f"Bearer {inherits.secret.reveal()}"}
    with pytest.raises(Denied) as closed:
        hall.verifier.decide_custom(sent, "shop:read", other.id)
    assert closed.value.code is Code.INSUFFICIENT_SCOPE
