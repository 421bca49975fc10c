"""The API reference at a browser: every operation, made of the routes that are served."""

from __future__ import annotations

from collections.abc import Callable

import jsonschema_rs
from playwright.sync_api import expect

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi import openapi
from counterfoil.jsonapi.openapi_sample import sample
from counterfoil.operation import OPERATIONS
from counterfoil.web.views.reference_view import entry_of, lines
from support.browse import NARROW, At

SECTIONS = {line.slug for line in lines(PROGRAMS)} | {"gates", "server"}
"""With those of what each process that serves makes for itself."""


def test_an_operation_is_explained_whole(browse: Callable[..., At]) -> None:
    """An operation says where it is, who may, what it takes and gives, in 3 languages (D16)."""
    at = browse("Ben")
    at.goto("/")
    at.page.get_by_role("link", name="API reference").click()
    at.page.get_by_role("main").get_by_role("link", name="Personal Access Tokens").click()
    at.page.get_by_role("table").get_by_role("link", name="Request a personal token").click()
    shown = at.page.get_by_role("article")
    expect(shown.locator(".endpoint")).to_have_text("POST/cma/personal_access_tokens")
    expect(shown.locator(".facts").first).to_contain_text("Personal Access Tokens")
    expect(shown.locator(".chip")).to_have_text(["session"])
    expect(shown.locator(".facts").first).to_contain_text("201 personal_access_token")
    rows = shown.get_by_role("row")
    key = rows.filter(has_text="Idempotency-Key")
    expect(key).to_contain_text("header")
    expect(key).to_contain_text("Makes it happen once")
    expect(key).to_contain_text("d3b07384-d9a0-4c9b")
    name = rows.filter(has=at.page.get_by_text("data.attributes.name", exact=True))
    expect(name).to_contain_text("string")
    expect(name).to_contain_text("ci-schema-export")
    type_ = rows.filter(has=at.page.get_by_text("data.type", exact=True))
    expect(type_).to_contain_text("Required")
    expect(shown.get_by_role("region", name="Shell:")).to_contain_text("curl -i -X POST")
    for language, words in (("JavaScript", "await fetch("), ("HTTP", "HTTP/1.1\nHost: 127.0.0.1")):
        shown.get_by_text(language, exact=True).click()
        expect(shown.get_by_role("region", name=f"{language}:")).to_contain_text(words)
    answer = shown.get_by_role("region", name="Answer 201:")
    expect(answer).to_contain_text("HTTP/1.1 201 Created\nContent-Type: application/json")
    expect(answer).to_contain_text('"token": "cfp_EXAMPLE"')
    shown.get_by_text("ways to fail").click()
    expect(shown).to_contain_text("TOKEN_QUOTA_EXCEEDED")
    at.shot("reference-operation")


def test_every_operation_is_there(browse: Callable[..., At]) -> None:
    """The sections hold each operation that is served once, the server's own too (D16)."""
    at = browse("Rita", java_script_enabled=False)
    at.goto("/reference")
    cards = at.page.locator(".cards a")
    found: list[str] = []
    for path in cards.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        at.goto(path)
        found += at.page.locator(".operations td").all_inner_texts()
    assert set(found) >= {f"{route.method} {route.path}" for route in PROGRAMS}
    assert "GET /readyz" in found
    assert len(found) == len(set(found))


def test_the_search(browse: Callable[..., At]) -> None:
    """`/` leads to the search; nothing asked says nothing is missing, and a miss is named (D17)."""
    at = browse("Ben")
    at.goto("/reference?q=")
    expect(at.page.get_by_text("No results")).to_have_count(0)
    at.page.keyboard.press("/")
    field = at.page.get_by_role("searchbox", name="Search the reference")
    expect(field).to_be_focused()
    field.press_sequentially("successor personal")
    hit = at.page.get_by_role("table", name="What was found").get_by_role("link").first
    expect(hit).to_have_attribute(
        "href",
        "/reference/personal-access-tokens/post-cma-personal-access-tokens-id-successor",
    )
    at.accessible()
    at.shot("reference-found")
    field.fill("zeppelin")
    expect(at.page.get_by_role("heading", name="No results for “zeppelin”")).to_be_visible()
    at.accessible()
    at.shot("reference-none")
    field.fill("")
    expect(at.page.get_by_text("No results")).to_have_count(0)
    expect(at.page.locator(".cards a")).to_have_count(len(SECTIONS))


def test_the_search_without_script(browse: Callable[..., At]) -> None:
    """The search is a form that works with no script, on a telephone too (D17)."""
    at = browse("Ben", java_script_enabled=False, viewport=NARROW)
    at.goto("/reference/users")
    at.fits()
    at.page.get_by_role("searchbox", name="Search the reference").fill("/cma/roles")
    at.page.get_by_role("button", name="Search").click()
    expect(at.page.get_by_role("row").filter(has_text="/cma/roles").first).to_be_visible()
    at.fits()


def test_nothing_is_left_out() -> None:
    """Each parameter and member has a type, what it is, and an example (D16)."""
    for line in lines(PROGRAMS):
        entry = entry_of(PROGRAMS, line)
        for one in (*entry.parameters, *entry.takes):
            assert one.type, (line.id, one)
            assert one.says, (line.id, one)
            assert one.example or one.type == "object", (line.id, one)
            leaf = one.name.rsplit(".", 1)[-1]
            assert one.says != f"The {leaf.replace('_', ' ')}.", (line.id, one)
        assert all(
            given.text.startswith("HTTP/1.1 2") or given.status >= 300 for given in entry.gives
        )
        assert entry.gives
        assert entry.fails


def test_an_answer_is_what_its_schema_allows() -> None:
    """Each answer that is shown fits the schema of `/openapi.json` (D16)."""
    document = openapi.document(PROGRAMS, OPERATIONS, version="0")
    known = document["components"]["schemas"]
    shown = [
        content["schema"]
        for path in document["paths"].values()
        for said in path.values()
        for answer in said["responses"].values()
        for content in answer.get("content", {}).values()
        if "schema" in content
    ]
    assert shown
    each = {"components": {"schemas": known}, "prefixItems": shown}
    jsonschema_rs.Draft202012Validator(each).validate([sample(one, known) for one in shown])


def test_no_section_of_that_name(browse: Callable[..., At]) -> None:
    """A section that there is not is a page that says so."""
    at = browse("Ben")
    seen = at.page.goto(f"{at.url}/reference/zeppelins")
    assert seen is not None
    assert seen.status == 404
