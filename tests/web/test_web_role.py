"""Roles: a matrix of what each allows, and what a change does at once to tokens, said before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from counterfoil.access.scope import Scope
from infra.server import Server
from support.browse import NARROW, At
from support.colleague import Colleague, colleague, custom_role


@pytest.fixture
def writers(own: Path, house: Server) -> str:
    """The name of a custom role that reads, writes and publishes, and that no other test knows."""
    assert house.port
    name = f"writers {uuid4().hex[:6]}"
    custom_role(own, name, Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_PUBLISH)
    return name


@pytest.fixture
def wes(own: Path, house: Server, writers: str) -> Colleague:
    """Somebody who holds it, with a token that follows their roles, and one that they lend."""
    return colleague(own, f"Wes {uuid4().hex[:6]}", writers).arrives(house.url)


def open_role(at: At, name: str) -> None:
    at.goto("/member-roles")
    at.page.get_by_role("link", name=name, exact=True).click()


def test_a_change_says_what_it_does_and_does_it(
    writers: str, wes: Colleague, browse: Callable[..., At]
) -> None:
    """Unticking publish says how many tokens lose it at once, and saving does it (G8, X18)."""
    at = browse("Ann")
    open_role(at, writers)
    assert "content:publish" in wes.scopes(at.url)
    at.page.get_by_label("content:publish").uncheck()
    change = at.page.locator("#change")
    expect(change).to_contain_text("It changes 2 tokens at once. 2 lose content:publish.")
    expect(change.locator(".chip.lost")).to_have_text("content:publish")
    at.shot("role-change")
    at.accessible()
    at.page.get_by_role("button", name="Save", exact=True).click()
    expect(at.page.get_by_role("status")).to_contain_text("It holds from the next request on")
    expect(at.page.get_by_label("content:publish")).not_to_be_checked()
    assert wes.scopes(at.url) == ["content:read", "content:write"]


def test_a_change_is_weighed_without_script(
    writers: str, wes: Colleague, browse: Callable[..., At]
) -> None:
    """A button shows what would change, also where the role is held to a node; nothing is saved."""
    at = browse("Ann", java_script_enabled=False)
    open_role(at, writers)
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.get_by_role("button", name="See what changes").click()
    expect(at.page.locator("#change")).to_contain_text("Choose at least one root node")
    at.page.get_by_label("site", exact=True).check()
    at.page.get_by_role("button", name="See what changes").click()
    expect(at.page.locator("#change")).to_contain_text("It holds elsewhere.")
    expect(at.page.locator("#change")).to_contain_text("It changes 2 tokens at once.")
    at.shot("role-roots")
    assert "content:publish" in wes.scopes(at.url)


def test_nodes_are_picked_and_weighed(
    writers: str, wes: Colleague, browse: Callable[..., At]
) -> None:
    """A tick in the tree is weighed at once; saved, the token is held to that node (S27, G8)."""
    at = browse("Ann")
    open_role(at, writers)
    at.page.get_by_label("Only in and under chosen nodes").check()
    expect(at.page.locator("#change")).to_contain_text("Choose at least one root node")
    at.page.get_by_role("treeitem", name="site").locator("button").first.click()
    at.page.get_by_role("treeitem", name="press", exact=True).locator("label").first.click()
    expect(at.page.locator("#change")).to_contain_text("It holds elsewhere.")
    expect(at.page.locator("#change")).to_contain_text("It changes 2 tokens at once.")
    at.shot("role-tree")
    at.accessible()
    at.page.get_by_role("button", name="Save", exact=True).click()
    expect(at.page.get_by_role("status")).to_contain_text("It holds from the next request on")
    expect(at.page.locator(".picked").last).to_contain_text("/site/press")
    assert wes.scopes(at.url)


def test_a_role_is_made_and_given_and_deleted(browse: Callable[..., At]) -> None:
    """A new role has the scopes that were ticked; one that nobody holds goes without a trace."""
    name = f"auditors {uuid4().hex[:6]}"
    at = browse("Ann")
    at.goto("/member-roles")
    at.shot("member-roles")
    at.page.get_by_role("link", name="Create role").click()
    at.page.get_by_role("textbox", name="Name", exact=True).fill(name)
    at.page.get_by_label("audit:read").check()
    at.page.get_by_role("button", name="Create role").click()
    expect(at.page.get_by_role("status")).to_contain_text("The role is there")
    expect(at.page.get_by_label("audit:read")).to_be_checked()
    expect(at.page.get_by_text("Nobody holds it.")).to_be_visible()
    at.page.get_by_role("link", name="Delete").click()
    expect(at.page.get_by_text("nothing stops")).to_be_visible()
    at.page.get_by_role("button", name="Delete role").click()
    expect(at.page.get_by_role("status")).to_contain_text("is deleted")
    assert at.page.get_by_role("link", name=name).count() == 0


def test_what_is_wrong_with_a_role_stands_beside_its_field(browse: Callable[..., At]) -> None:
    """A name that is taken is named, and nothing that was ticked is lost."""
    at = browse("Ann", java_script_enabled=False)
    at.goto("/member-roles/new")
    at.page.get_by_role("textbox", name="Name", exact=True).fill("Reader")
    at.page.get_by_label("audit:read").check()
    at.page.get_by_role("button", name="Create role").click()
    expect(at.page.locator("#name-error")).to_contain_text("There is a role named")
    expect(at.page.get_by_label("audit:read")).to_be_checked()


def test_a_role_that_somebody_holds_is_not_deleted(
    writers: str, wes: Colleague, browse: Callable[..., At]
) -> None:
    """Who holds it is named, and there is no button that would take it from them."""
    at = browse("Ann")
    open_role(at, writers)
    at.page.get_by_role("link", name="Delete").click()
    expect(at.page.get_by_text("One member holds this role.")).to_be_visible()
    expect(at.page.get_by_role("link", name=wes.name)).to_be_visible()
    assert at.page.get_by_role("button", name="Delete role").count() == 0
    at.shot("role-delete-held")


def test_a_built_in_role_is_locked_and_says_why(browse: Callable[..., At]) -> None:
    """No box can be ticked, the reason stands there, and a copy can be changed."""
    at = browse("Ann")
    open_role(at, "editor")
    expect(at.page.get_by_text("A built-in role stays as it is")).to_be_visible()
    assert at.page.locator("#scopes input").count() == 0
    at.shot("role-built-in")
    at.accessible()
    at.page.get_by_role("button", name="Duplicate").click()
    expect(at.page.get_by_role("status")).to_contain_text("This is the copy")
    expect(at.page.get_by_label("content:publish")).to_be_checked()
    at.page.get_by_role("link", name="Delete").click()
    at.page.get_by_role("button", name="Delete role").click()


def test_who_reads_roles_changes_none(browse: Callable[..., At]) -> None:
    """Whoever may not read roles is refused, and no form for another is shown to them (X6)."""
    at = browse("Rita")
    for path in ("/member-roles", "/member-roles/new"):
        assert at.page.request.get(f"{at.url}{path}").status == 403


def test_the_matrix_on_a_telephone(writers: str, browse: Callable[..., At]) -> None:
    """The matrix scrolls in its box, and the page does not."""
    at = browse("Ann", viewport=NARROW)
    open_role(at, writers)
    at.fits()
    at.shot("role-narrow")
