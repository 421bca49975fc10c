"""Roles & permissions: who may do what here, made from the code."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from counterfoil.access.role import BUILT_IN, DEVELOPER
from counterfoil.access.scope import MEANING, Scope
from counterfoil.operation import OPERATIONS
from support.browse import At


def test_whoever_is_signed_in_finds_the_role_that_they_lack(browse: Callable[..., At]) -> None:
    """Every scope stands there with what it allows and which roles hold it (X7, X6)."""
    at = browse("Ben")
    at.goto("/")
    at.page.get_by_role("link", name="Roles & permissions").click()
    table = at.page.get_by_role("table")
    heads = [one.split("\n")[0] for one in table.locator("thead th").all_inner_texts()]
    assert {*BUILT_IN, "tokens_only"} <= set(heads)  # built in, and of this organization
    for scope in Scope:
        row = table.get_by_role("row").filter(has=at.page.get_by_text(str(scope), exact=True))
        expect(row.first).to_contain_text(MEANING[scope])
        marks = row.first.locator("td.mark")
        for place, name in enumerate(heads[1:-1]):
            if name in BUILT_IN:
                holds = marks.nth(place).get_by_role("img", name="yes").count()
                assert bool(holds) == bool(BUILT_IN[name] & scope.bit), (name, scope)
    at.fits()
    at.accessible()


def test_ones_own_role_is_marked(browse: Callable[..., At]) -> None:
    """One's own role and the scopes that it holds are marked; nobody else's are."""
    at = browse("Ben")
    at.goto("/roles-and-permissions")
    own = at.page.locator("thead th.mine")
    expect(own).to_have_count(1)
    expect(own).to_contain_text("developer")
    expect(at.page.locator("td.mine").get_by_role("img", name="yes")).to_have_count(
        DEVELOPER.bit_count()
    )
    at.shot("roles-ben")


def test_what_asks_for_a_scope(browse: Callable[..., At]) -> None:
    """A scope's row opens to the operations that ask for it, without any script."""
    at = browse("Rita", java_script_enabled=False)
    at.goto("/roles-and-permissions")
    row = at.page.get_by_role("row").filter(has=at.page.get_by_text("content:publish", exact=True))
    row.locator("summary").click()
    asking = {name for name, one in OPERATIONS.items() if one.requires is Scope.CONTENT_PUBLISH}
    assert set(row.locator("li").all_inner_texts()) == asking
