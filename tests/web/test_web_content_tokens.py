"""What a Content API Token reads, as its form says it: by its user, in and under its roots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.browse import At, signed_in
from support.colleague import colleague
from support.raw_http import ask
from support.sample import Sample, Talker
from support.web import forget_api_tokens
from web.test_web_api_manager import MANAGER, leave, make, open_token, reads


@pytest.fixture(autouse=True)
def tidy(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave the API tokens that there were."""
    yield
    forget_api_tokens(own, tokens.values())


def choose_roots(at: At, *paths: str) -> None:
    """Restrict the token whose page is open to these nodes, and save it."""
    at.page.get_by_role("button", name="Edit").click()
    at.page.get_by_label("Only in and under chosen nodes").check()
    for path in paths:
        at.page.locator("#find").fill(path)
        at.page.get_by_role("button", name="Find").click()
        at.page.get_by_role("button", name=f"Add {path}", exact=True).click()
        expect(at.page.locator("#picker .picked").last).to_contain_text(path)
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("status").first).to_be_visible()


def test_where_tokens_stand(browse: Callable[..., At]) -> None:
    """System Management leads to the manager, whose children tokens are, with their roots (Q1)."""
    at = browse("Ann")
    at.goto("/")
    bar = at.page.get_by_role("navigation", name="Main")
    system = bar.locator("h2", has_text="System Management").locator("+ ul")
    system.get_by_role("link", name="Content API Manager").click()
    tree = at.page.get_by_role("navigation", name="Asset tree")
    manager = tree.locator("li", has_text="System Management").locator("ul > li").first
    expect(manager).to_contain_text("Content API Manager")
    manager.locator("ul").get_by_role("link", name="the-harbour-app").click()
    at.page.get_by_role("link", name="/site", exact=True).click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Content")
    expect(at.page.locator(".explorer-item h2")).to_have_text("/site")


def test_roots_are_what_it_reads_under(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """Under each of its roots it reads, at any depth; elsewhere 403; with none, all its user's.

    (Q10, Q11, Q12, Q13)
    """
    nodes = seeded.told["nodes"]
    press, inside, outside = (nodes[path] for path in ("/site/press", "/site/internal", "/site"))
    at = browse("Ann")
    secret = make(at, "two-roots", "Rita")
    leave(at)
    assert [reads(house, secret, f"/cda/nodes/{one}") for one in (press, outside)] == [200, 200]
    choose_roots(at, "/site/press", "/site/internal")
    seen = [reads(house, secret, f"/cda/nodes/{one}") for one in (press, inside, outside)]
    assert seen == [200, 200, 403]
    below = Talker(house.port).bearing(secret)("GET", "/cda/items").body["data"]
    assert below
    assert {reads(house, secret, f"/cda/items/{one['id']}") for one in below} == {200}
    open_token(at, "two-roots")
    at.shot("content-token-roots")
    at.page.get_by_role("button", name="Edit").click()
    at.page.get_by_label("None: wherever its user may read").check()
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("status").first).to_be_visible()
    assert reads(house, secret, f"/cda/nodes/{outside}") == 200


def test_its_api_is_read_only(browse: Callable[..., At], house: Server, seeded: Sample) -> None:
    """Even with a user who writes it changes nothing, and no cookie opens that API (Q15)."""
    at = browse("Ann")
    secret = make(at, "read-only", "Ann")
    press = seeded.told["nodes"]["/site/press"]
    talk = Talker(house.port).bearing(secret)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert talk(method, f"/cda/nodes/{press}", {}).status in {403, 405}
        assert talk(method, f"/cma/nodes/{press}", {}).status in {403, 405}
    cookie = f"Cookie: counterfoil={signed_in(house, seeded, 'Ann')['value']}"
    assert ask(house.port, "GET", f"/cda/nodes/{press}", cookie).status == 401


def test_whoever_it_acts_as(browse: Callable[..., At], own: Path, house: Server) -> None:
    """Any member can be chosen, a service user too; gone, the token answers 401 (Q8, Q18)."""
    who = colleague(own, f"Cleo {uuid4().hex[:6]}", "reader").arrives(house.url)
    service = f"robot-{uuid4().hex[:6]}"
    at = browse("Ann")
    at.goto("/people/new")
    at.page.locator("#kind-service").check()
    at.page.get_by_label("Name", exact=True).fill(service)
    at.page.get_by_label("reader").check()
    at.page.get_by_role("button", name="Invite").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text(service)
    secrets = {name: make(at, f"as-{name}", name) for name in (service, who.name, "Ann")}
    assert {reads(house, secret) for secret in secrets.values()} == {200}
    at.goto(f"/people/{who.user}/offboard")
    at.page.get_by_role("button", name=f"Offboard {who.name}").click()
    expect(at.page.get_by_role("status")).to_contain_text("shut out")
    assert reads(house, secrets[who.name]) == 401
    assert reads(house, secrets[service]) == 200
    at.goto("/audit?operation=api_token.create")
    made = at.page.locator(".event-said").filter(has_text=f"as-{who.name}")
    expect(made).to_have_text(f"Ann created an API token as-{who.name}")
    at.goto(MANAGER)
    expect(at.page.get_by_role("row").filter(has_text=f"as-{who.name}")).to_contain_text(who.name)
