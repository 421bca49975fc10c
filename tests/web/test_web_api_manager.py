"""Content API Manager at a browser: its tokens, their form and secret, locks and ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from counterfoil.access.scope import Scope
from infra.server import Server
from support.browse import NARROW, At
from support.colleague import custom_role
from support.sample import Talker
from support.web import forget_api_tokens, give_roles

MANAGER = "/content-api-manager"
LONG = "the-website-of-the-harbour-in-all-of-its-languages-and-for-each-season-of-the-year"


@pytest.fixture(autouse=True)
def tidy(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave the API tokens that there were."""
    yield
    forget_api_tokens(own, tokens.values())


@pytest.fixture
def second(own: Path) -> Iterator[str]:
    """Ben, who is an administrator for a while."""
    give_roles(own, "Ben", "admin")
    yield "Ben"
    give_roles(own, "Ben", "developer")


def make(at: At, name: str, user: str = "", *, enabled: bool = True) -> str:
    """Make a token by the form; return its secret."""
    at.goto(f"{MANAGER}/new")
    at.page.get_by_label("Name", exact=True).fill(name)
    if user:
        option = at.page.locator("#user option", has_text=user)
        at.page.locator("#user").select_option(option.get_attribute("value"))
    at.page.locator("#enabled").set_checked(enabled)
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.locator("#secret")).to_be_visible()
    return at.page.locator("#secret").inner_text()


def leave(at: At) -> None:
    """Say that the secret is stored, and go on to the token."""
    at.page.get_by_role("link", name="I have stored it").click()


def open_token(at: At, name: str) -> None:
    """Go to a token from the table."""
    at.goto(MANAGER)
    at.page.get_by_role("rowheader").get_by_role("link", name=name).click()


def reads(house: Server, secret: str, path: str = "/cda/items") -> int:
    """Return how a request with this secret is answered."""
    return Talker(house.port).bearing(secret)("GET", path).status


def test_the_seven_steps(browse: Callable[..., At], house: Server) -> None:
    """New child, name, Save, then user, root, Enabled, Save, release: it reads in its root.

    These are the vendor's steps in their order, and nothing else is set (Q14, Q17).
    """
    at = browse("Ann")
    at.goto(MANAGER)
    at.page.get_by_role("link", name="Content API Manager").last.click(button="right")
    expect(at.page.get_by_role("menu")).to_be_visible()
    at.shot("manager-menu")
    at.page.get_by_role("menuitem", name="Content API Token").click()
    expect(at.page.locator("#enabled")).not_to_be_checked()
    expect(at.page.locator("#surface-delivery")).to_be_checked()
    expect(at.page.locator("#surface-preview")).not_to_be_checked()
    at.accessible()
    at.shot("manager-new")
    at.page.get_by_label("Name", exact=True).fill("website")
    at.page.get_by_role("button", name="Save").click()
    at.accessible()
    at.shot("manager-secret")
    secret = at.page.locator("#secret").inner_text()
    leave(at)
    expect(at.page.get_by_role("heading", level=1)).to_have_text("website")
    assert secret not in at.page.content()
    assert reads(house, secret) == 401
    at.page.get_by_role("button", name="Edit").click()
    option = at.page.locator("#user option", has_text="Rita")
    at.page.locator("#user").select_option(option.get_attribute("value"))
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.locator("#find").fill("/site")
    at.page.get_by_role("button", name="Find").click()
    at.page.get_by_role("button", name="Add /site", exact=True).click()
    expect(at.page.locator("#picker")).to_contain_text("Selected (1)")
    at.page.locator("#enabled").check()
    at.accessible()
    at.shot("manager-edit")
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("status")).to_contain_text("Your lock holds until you release it")
    at.page.get_by_role("button", name="Release the asset locks").click()
    expect(at.page.get_by_role("status")).to_have_text("The asset locks are released.")
    expect(at.page.locator(".facts")).to_contain_text("/site")
    seen = Talker(house.port).bearing(secret)("GET", "/cda/items")
    assert seen.status == 200
    assert seen.body["data"]
    at.goto(MANAGER)
    row = at.page.get_by_role("row", name=re.compile("website"))
    expect(row).to_contain_text(re.compile("Rita.*site.*Delivery", re.DOTALL))
    at.accessible()
    at.shot("manager")


def test_the_menu_by_keyboard_and_without_script(browse: Callable[..., At]) -> None:
    """The menu opens by its button from the keyboard; without script a link does the same (Q14)."""
    at = browse("Ann")
    at.goto(MANAGER)
    at.page.get_by_role("button", name="Menu of Content API Manager").focus()
    at.page.keyboard.press("Enter")
    expect(at.page.get_by_role("menuitem", name="Content API Token")).to_be_focused()
    at.accessible()
    at.page.keyboard.press("Escape")
    expect(at.page.get_by_role("menu")).to_be_hidden()
    at.page.get_by_role("button", name="Menu of Content API Manager").press("Enter")
    expect(at.page.get_by_role("menuitem", name="Content API Token")).to_be_focused()
    at.page.keyboard.press("Enter")
    at.page.wait_for_url(f"**{MANAGER}/new")
    plain = browse("Ann", java_script_enabled=False)
    plain.goto(MANAGER)
    plain.page.get_by_role("link", name="New Content API Token").click()
    plain.page.get_by_label("Name", exact=True).fill("plain")
    plain.page.get_by_label("Only in and under chosen nodes").check()
    plain.page.get_by_role("button", name=re.compile("^(Open|Close)")).first.click()
    expect(plain.page.get_by_label("Name", exact=True)).to_have_value("plain")
    plain.page.get_by_label("None: wherever its user may read").check()
    plain.page.get_by_role("button", name="Save").click()
    expect(
        plain.page.get_by_text("No user is chosen: it answers 401 until one is.")
    ).to_be_visible()


def test_without_a_user_it_answers_401(browse: Callable[..., At], house: Server) -> None:
    """A token without a user is saved, answers 401, and works once one is chosen (Q9, Q6)."""
    at = browse("Ann")
    secret = make(at, "nobody")
    assert reads(house, secret) == 401
    leave(at)
    expect(at.page.get_by_role("main")).to_contain_text("No user: 401")
    at.page.get_by_role("button", name="Edit").click()
    option = at.page.locator("#user option", has_text="Rita")
    at.page.locator("#user").select_option(option.get_attribute("value"))
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("status")).to_contain_text("Saved")
    assert reads(house, secret) == 200


def test_who_can_write_is_warned_about(browse: Callable[..., At]) -> None:
    """With a user who writes and preview on, Save says that drafts become visible (Q7)."""
    at = browse("Ann")
    make(at, "writer", "Ben")
    expect(at.page.get_by_role("main")).not_to_contain_text("not published yet")
    leave(at)
    at.page.get_by_role("button", name="Edit").click()
    expect(at.page.locator("#user option:checked")).to_contain_text("can write")
    at.page.locator("#surface-preview").check()
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("status").nth(1)).to_contain_text("not published yet")
    at.accessible()
    at.shot("manager-token")


def test_enabled_is_one_press(browse: Callable[..., At], house: Server) -> None:
    """Disabled it answers 401 everywhere; enabled again, the same secret works (Q3)."""
    at = browse("Ann")
    secret = make(at, "switched", "Rita")
    leave(at)
    at.goto(MANAGER)
    switch = at.page.get_by_role("switch", name="Enabled: switched")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(at.page.get_by_role("status")).to_contain_text("switched is disabled")
    assert reads(house, secret) == 401
    switch.click()
    expect(at.page.get_by_role("status")).to_contain_text("switched is enabled")
    assert reads(house, secret) == 200


def test_renaming_breaks_nobody(browse: Callable[..., At], house: Server) -> None:
    """A new name stands in the tree, and the secret works as before (Q4, Q5)."""
    at = browse("Ann")
    secret = make(at, "before", "Rita")
    leave(at)
    at.page.get_by_role("button", name="Edit").click()
    at.page.get_by_label("Name", exact=True).fill(LONG)
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text(LONG)
    at.fits()
    at.goto(MANAGER)
    tree = at.page.get_by_role("navigation", name="Asset tree")
    expect(tree.get_by_title(LONG)).to_be_visible()
    assert reads(house, secret) == 200


def test_the_field_token(browse: Callable[..., At]) -> None:
    """Before it is made the field says when it is shown; then it has the hint, read-only (Q5)."""
    at = browse("Ann")
    field = at.goto(f"{MANAGER}/new").get_by_label("Token", exact=True)
    expect(field).to_have_value("not made yet")
    expect(field).to_have_accessible_description(re.compile("shown on the next page, once"))
    expect(field).not_to_be_editable()
    at.shot("manager-new-token")
    secret = make(at, "its-field", "Rita")
    leave(at)
    hint = at.page.locator(".facts > div").filter(has_text="Token").locator("dd").inner_text()
    assert (hint[:4], hint[-4:]) == (secret[:4], secret[-4:])
    at.page.get_by_role("button", name="Edit").click()
    expect(field).to_have_value(hint)
    expect(field).not_to_be_editable()
    expect(field).to_have_accessible_description(re.compile("It cannot be changed"))
    assert secret not in at.page.content()
    at.accessible()
    at.shot("manager-edit-token")
    at.page.emulate_media(color_scheme="dark")
    at.shot("manager-edit-token-dark")
    at.page.set_viewport_size({"width": 360, "height": 740})
    at.fits()
    at.shot("manager-edit-token-narrow")
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.get_by_role("status")).to_contain_text("Saved")
    expect(at.page.locator(".facts")).to_contain_text(hint)


def test_locks(browse: Callable[..., At], second: str) -> None:
    """Editing locks: a second admin sees by whom and cannot save until it is released (Q14)."""
    at, other = browse("Ann"), browse(second)
    make(at, "locked", "Rita")
    leave(at)
    address = at.page.url.removeprefix(at.url)
    other.goto(f"{address}/edit")
    other.page.get_by_label("Name", exact=True).fill("mine now")
    at.page.get_by_role("button", name="Edit").click()
    other.page.get_by_role("button", name="Save").click()
    expect(other.page.get_by_role("alert")).to_contain_text("Somebody else has locked it")
    expect(other.page.get_by_label("Name", exact=True)).to_have_value("mine now")
    expect(other.page.get_by_role("main")).to_contain_text("Ann edits this token.")
    expect(other.page.get_by_role("button", name="Save")).to_be_disabled()
    other.shot("manager-locked")
    other.goto(MANAGER)
    expect(other.page.get_by_role("row", name=re.compile("locked"))).to_contain_text("by Ann")
    at.goto(address)
    at.shot("manager-my-lock")
    at.page.get_by_role("button", name="Release the asset locks").click()
    expect(at.page.get_by_role("status")).to_have_text("The asset locks are released.")
    other.goto(f"{address}/edit")
    other.page.get_by_label("Name", exact=True).fill("mine now")
    other.page.get_by_role("button", name="Save").click()
    expect(other.page.get_by_role("heading", level=1)).to_have_text("mine now")


def test_another_secret_and_the_end(browse: Callable[..., At], house: Server) -> None:
    """A new secret ends the old one at once; a deleted token answers 401 (Q5, Q16, Q17)."""
    at = browse("Ann")
    first = make(at, "ending", "Rita")
    leave(at)
    at.page.get_by_text("Regenerate the secret…").click()
    at.page.get_by_role("button", name="Regenerate").click()
    second = at.page.locator("#secret").inner_text()
    assert (reads(house, first), reads(house, second)) == (401, 200)
    leave(at)
    at.page.get_by_text("Delete…").click()
    expect(at.page.get_by_role("main")).to_contain_text("gets 401 at once")
    at.accessible()
    at.shot("manager-delete")
    at.page.get_by_role("button", name="Delete ending").click()
    expect(at.page.get_by_role("status")).to_contain_text("ending is deleted")
    assert reads(house, second) == 401


def test_the_built_in_one(browse: Callable[..., At]) -> None:
    """The built-in token is marked; neither its form nor its switch is in the markup (D7, X6)."""
    at = browse("Ann")
    open_token(at, "Read-only API token")
    main = at.page.get_by_role("main")
    expect(main).to_contain_text("built-in")
    expect(main.get_by_role("button", name="Edit")).to_have_count(0)
    expect(main.get_by_role("switch")).to_have_count(0)
    expect(main.get_by_text("Make its secret…")).to_be_visible()
    at.shot("manager-built-in")


def test_others_neither_see_nor_create(browse: Callable[..., At]) -> None:
    """A developer is not led here, and the address refuses them (Q2)."""
    at = browse("Ben")
    at.goto("/")
    expect(at.page.get_by_role("link", name="Content API Manager")).to_have_count(0)
    for path in (MANAGER, f"{MANAGER}/new"):
        seen = at.page.goto(f"{at.url}{path}")
        assert seen is not None
        assert seen.status == 403


def test_what_is_wrong_stands_beside_its_field(browse: Callable[..., At]) -> None:
    """A user and a role at once, or no root node, are told at the field; all typed stays."""
    at = browse("Ann", viewport=NARROW)
    at.goto(f"{MANAGER}/new")
    at.page.get_by_label("Name", exact=True).fill("both")
    for field, who in (("#user", "Rita"), ("#role", "reader")):
        option = at.page.locator(f"{field} option", has_text=who)
        at.page.locator(field).select_option(option.first.get_attribute("value"))
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.locator("#role-error")).to_have_text("Choose a user or a role, not both.")
    expect(at.page.get_by_label("Name", exact=True)).to_have_value("both")
    at.accessible()
    at.fits()
    at.shot("manager-wrong-narrow")
    at.page.locator("#role").select_option("")
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.get_by_role("button", name="Save").click()
    expect(at.page.locator("#roots-error")).to_be_visible()


def test_a_root_node_that_its_role_cannot_read(
    browse: Callable[..., At], own: Path, house: Server
) -> None:
    """Where a token's user or role reads nothing in a root node, its page says so (Q9)."""
    assert house.port
    role = custom_role(own, f"counts people {uuid4().hex[:6]}", Scope.USERS_READ)
    at = browse("Ann")
    at.goto(f"{MANAGER}/new")
    at.page.get_by_label("Name", exact=True).fill("blind")
    at.page.locator("#role").select_option(role)
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.locator("#find").fill("/site")
    at.page.get_by_role("button", name="Find").click()
    at.page.get_by_role("button", name="Add /site", exact=True).click()
    expect(at.page.locator("#picker")).to_contain_text("Selected (1)")
    at.page.get_by_role("button", name="Save").click()
    leave(at)
    told = "Its user or role reads nothing in /site"
    expect(at.page.get_by_role("main")).to_contain_text(told)
    at.accessible()
    at.shot("api-token-blind")
    at.goto(MANAGER)
    open_token(at, "the-harbour-app")
    expect(at.page.get_by_role("main")).not_to_contain_text("reads nothing in")
