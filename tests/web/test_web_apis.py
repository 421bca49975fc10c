"""The pages of registered APIs: what each brings, what its gates do, and how one is put there."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.directory.declare_routes import declare_routes
from counterfoil.directory.routed import RouteTable
from counterfoil.kernel.ids import ApiId, OrganizationId
from counterfoil.routing.table import Route
from counterfoil.snippets import PROXIES, SNIPPETS, Whereabouts, pasted
from counterfoil.web.views.in_front import usual_target
from support.browse import NARROW, WIDE, At
from support.office import ORIGIN
from support.web import caller_of, seeder_of


def give_routes(own: Path, api: str) -> None:
    """Let a route of an API be open to who may read the catalog, and reads pass in a grace."""
    route = Route(frozenset({"GET"}), "/entities/{entity}", "catalog:read", "{entity}")
    with closing(seeder_of(own)) as seeder:
        ann = caller_of(seeder.office, json.loads((own / "sample.json").read_text()), "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            declare_routes(work, ApiId(int(api)), [route], grace_seconds=30)


def test_an_api_shows_its_scopes_its_routes_and_its_grace(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """Who manages APIs sees what gates let pass, and for how long without the office."""
    api = tokens["registered"]
    at = browse("Ann", viewport=NARROW)
    at.goto(f"/apis/{api}")
    expect(at.page.get_by_role("main")).to_contain_text("lets nothing pass once its lease ends")
    give_routes(own, api)
    at.goto("/apis")
    at.page.locator("table a").first.click()
    expect(at.page.get_by_text("30 seconds: for so long after its lease ends")).to_be_visible()
    row = at.page.get_by_role("row", name="/entities/{entity}")
    expect(row).to_contain_text("catalog:read")
    expect(row).to_contain_text("GET")
    at.fits()
    at.accessible()
    at.shot("api-routes")


def test_who_manages_no_apis_sees_the_scopes_alone(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """Every member may know an API and its scopes (X7); its routes are for who manages it."""
    at = browse("Rita")
    at.goto("/roles-and-permissions")
    at.page.locator(f"a[href='/apis/{tokens['registered']}']").click()
    expect(at.page.get_by_role("rowheader", name="catalog:read")).to_be_visible()
    expect(at.page.get_by_text("Read-only grace")).to_have_count(0)
    expect(at.page.get_by_text("Put a gate in front")).to_have_count(0)


def open_gate(at: At, api: str) -> None:
    """Go to where a gate is put in front of an API, with every snippet open."""
    at.goto(f"/apis/{api}")
    at.page.evaluate(
        "document.querySelectorAll('details.paste')"
        ".forEach((one) => { one.removeAttribute('name'); one.open = true; })"
    )


def test_what_is_pasted_stands_on_the_page(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """Each snippet is the shipped configuration, filled in, and a button copies it as it stands."""
    api = tokens["registered"]
    at = browse("Ann", permissions=["clipboard-read", "clipboard-write"])
    at.goto(f"/apis/{api}")
    at.page.get_by_label("Your API listens at").fill("shop.internal:9000")
    at.page.get_by_label("Port of the proxy").fill("9080")
    at.page.get_by_label("The gate listens at").fill("127.0.0.1:9401")
    at.page.get_by_label("Data of this server").fill("/srv/it's here")
    at.page.get_by_role("button", name="Fill it in").click()
    name = at.page.get_by_role("heading", level=1).inner_text()
    place = Whereabouts(
        ApiId(int(api)), name, "shop.internal:9000", "9080", "127.0.0.1:9401", "/srv/it's here"
    )
    ways = at.page.locator("details.paste")
    expect(ways).to_have_count(len(SNIPPETS))
    for way, snippet in zip(ways.all(), SNIPPETS.values(), strict=True):
        way.locator("summary").click()
        for number, file in enumerate(pasted(snippet, place), 1):
            shown = at.page.locator(f"#{snippet.key}-{number}")
            expect(shown).to_be_visible()
            assert shown.evaluate("(one) => one.textContent") == file.text
            at.page.locator(f"clipboard-copy[for={snippet.key}-{number}]").click()
            assert at.page.evaluate("navigator.clipboard.readText()") == file.text
        if snippet in PROXIES:
            expect(way.locator("summary")).to_contain_text(f"tested from {snippet.since} on")
    starts = at.page.locator("#gate-starts").inner_text()
    assert shlex.split(starts)[2:] == ["--data-dir", "/srv/it's here", "--listen", "127.0.0.1:9401"]


def test_the_commands_try_what_the_table_lists(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """The token asks for the scope of a route that reads, and the doctor for an address on it."""
    give_routes(own, tokens["registered"])
    at = browse("Ann")
    at.goto(f"/apis/{tokens['registered']}")
    expect(at.page.locator("#gate-token")).to_contain_text("--scope catalog:read")
    expect(at.page.locator("#gate-checks")).to_contain_text(
        "--proxy 'http://localhost:8080/entities/{entity}'"
    )
    at.page.get_by_label("An address to try").fill("/entities/7?a=1")
    at.page.get_by_role("button", name="Fill it in").click()
    expect(at.page.locator("#gate-checks")).to_contain_text(
        "--proxy 'http://localhost:8080/entities/7?a=1'"
    )


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("upstream", "127.0.0.1:8000; } evil {"),
        ("port", "80 80"),
        ("gate", "unix:run/gate"),
        ("data_dir", "srv/of mine"),
        ("target", "/p age"),
    ],
)
def test_what_is_no_place_is_refused_beside_its_field(
    field: str, wrong: str, browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """Nothing but a value reaches a snippet; what is none is said so, and kept to be mended."""
    at = browse("Ann")
    at.goto(f"/apis/{tokens['registered']}")
    box = at.page.locator(f"#{field}")
    box.evaluate("(one, text) => { one.removeAttribute('maxlength'); one.value = text; }", wrong)
    with at.page.expect_response(lambda one: one.request.method == "POST") as sent:
        at.page.get_by_role("button", name="Fill it in").click()
    assert sent.value.status == 422
    expect(at.page.locator(f"#{field}-error")).to_be_visible()
    expect(box).to_have_value(wrong)
    assert wrong not in "".join(at.page.locator("pre").all_inner_texts())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_gate_in_front_is_seen_everywhere(
    scheme: str, browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """With everything open it fits a telephone, axe finds nothing, and it is said in German."""
    for size, name in ((WIDE, "wide"), (NARROW, "narrow")):
        at = browse("Ann", viewport=size, color_scheme=scheme)
        open_gate(at, tokens["registered"])
        at.fits()
        at.shot(f"api-gate-{name}-{scheme}")
        at.accessible()
    at = browse("Ann", locale="de-DE", color_scheme=scheme)
    open_gate(at, tokens["registered"])
    expect(at.page.get_by_role("heading", name="Ein Gate davorstellen")).to_be_visible()
    at.shot(f"api-gate-de-{scheme}")


def test_an_address_that_is_proposed_can_be_sent() -> None:
    """A route in another alphabet is proposed as it is sent, and one too long not at all."""

    def proposed(path: str) -> str:
        route = Route(frozenset({"GET"}), path, "pages:read")
        return usual_target(RouteTable(OrganizationId(1), ApiId(2), (route,)), ())

    assert proposed("/straße/{x}") == "/stra%C3%9Fe/{x}"
    assert proposed("/a b") == "/a%20b"
    assert proposed("/" + "ß" * 80) == "/"
