"""One member: invited, given other roles, offboarded and let in again; pages say what stops."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.browse import At
from support.colleague import PASSWORD, Colleague, colleague, invited_elsewhere, service_user


@pytest.fixture
def carl(own: Path, house: Server) -> Colleague:
    """Somebody whom no other test knows, a developer with a token that follows their roles."""
    return colleague(own, f"Carl {uuid4().hex[:6]}", "developer").arrives(house.url)


def open_person(at: At, who: Colleague) -> None:
    at.goto(f"/people?q={who.name}")
    at.page.get_by_role("link", name=who.name, exact=True).click()


def test_somebody_is_invited_and_comes_in(browse: Callable[..., At]) -> None:
    """Whoever invites is shown a one-time link, and by it the person comes in (A1, S9)."""
    name = f"Ines {uuid4().hex[:6]}"
    at = browse("Ann")
    at.goto("/people")
    at.page.get_by_role("link", name="Invite").click()
    at.shot("person-new")
    at.accessible()
    at.page.get_by_label("Name").fill(name)
    at.page.get_by_label("E-mail address").fill(f"{name.replace(' ', '.').lower()}@harbour.example")
    at.page.get_by_label("reader").check()
    at.page.get_by_role("button", name="Invite").click()
    code = at.page.locator("#secret").inner_text()
    link = at.page.locator("#use-link-1").inner_text()
    assert link.endswith(f"/setup#{code}")
    at.shot("person-code-shown")
    at.accessible()
    at.page.get_by_role("link", name="I have stored it").click()
    expect(at.page.get_by_role("heading", name=name)).to_be_visible()
    assert code not in at.page.content()
    guest = browse()
    guest.page.goto(link)
    guest.page.get_by_label("Password").fill("a harbour of quiet words")
    guest.page.get_by_role("button", name="Choose this password").click()
    expect(guest.page.get_by_role("status")).to_contain_text("Your password is set")


def test_what_is_wrong_with_an_invitation_stands_beside_its_field(
    browse: Callable[..., At],
) -> None:
    """Nothing that was typed is lost, and the address that is none is named."""
    at = browse("Ann", java_script_enabled=False)
    at.goto("/people/new")
    at.page.get_by_label("Name").fill("Ines")
    at.page.get_by_label("E-mail address").evaluate("(one) => { one.type = 'text'; }")
    at.page.get_by_label("E-mail address").fill("ines at home")
    at.page.get_by_label("editor").check()
    at.page.get_by_role("button", name="Invite").click()
    expect(at.page.locator("#email-error")).to_contain_text("not an e-mail address")
    expect(at.page.get_by_label("Name")).to_have_value("Ines")
    expect(at.page.get_by_label("editor")).to_be_checked()
    at.shot("person-new-wrong")


def test_other_roles_are_weighed_before_they_are_given(
    carl: Colleague, browse: Callable[..., At]
) -> None:
    """Ticking roles says at once how many tokens lose what, and saving does just that (G8, X18)."""
    at = browse("Ann")
    open_person(at, carl)
    at.page.get_by_label("developer").uncheck()
    at.page.get_by_label("reader").check()
    change = at.page.locator("#change")
    expect(change).to_contain_text("It changes 2 tokens at once. 2 lose content:publish.")
    lost = change.get_by_role("row").filter(has_text="content:publish").first
    expect(lost).to_contain_text("2")
    at.shot("person-roles")
    at.accessible()
    at.page.get_by_role("button", name="Save roles").click()
    expect(at.page.get_by_role("status")).to_contain_text(
        "has these roles from the next request on"
    )
    expect(at.page.get_by_label("reader")).to_be_checked()
    expect(at.page.get_by_label("developer")).not_to_be_checked()
    assert "content:publish" not in carl.scopes(at.url)


def test_roles_are_weighed_without_script(carl: Colleague, browse: Callable[..., At]) -> None:
    """A button of its own shows what changes, and keeps what is ticked."""
    at = browse("Ann", java_script_enabled=False)
    open_person(at, carl)
    at.page.get_by_label("developer").uncheck()
    at.page.get_by_role("button", name="See what changes").click()
    expect(at.page.locator("#change")).to_contain_text("It changes 2 tokens at once.")
    expect(at.page.get_by_label("developer")).not_to_be_checked()
    at.page.get_by_role("button", name="Save roles").click()
    expect(at.page.get_by_role("status")).to_contain_text("from the next request on")


def test_offboarding_says_what_stops_and_does_it(
    carl: Colleague, browse: Callable[..., At]
) -> None:
    """Tokens that stop are named, with their use, before the deed, and then stop (S20, Q18)."""
    at = browse("Ann")
    assert carl.scopes(at.url)
    open_person(at, carl)
    at.page.get_by_role("link", name="Offboard").click()
    ends = at.page.get_by_role("region", name="Stops for good")
    expect(ends).to_contain_text("the-laptop")
    expect(ends).to_contain_text("in use")
    rests = at.page.get_by_role("region", name=re.compile("until somebody else"))
    expect(rests).to_contain_text("lent-by-Carl")
    expect(rests.get_by_role("link", name="Choose another user")).to_be_visible()
    at.shot("person-offboard")
    at.accessible()
    at.page.get_by_role("button", name=f"Offboard {carl.name}").click()
    expect(at.page.get_by_role("status")).to_contain_text("is shut out")
    assert carl.scopes(at.url) == []
    at.shot("person-shut-out")
    at.page.get_by_role("button", name="Let them in again").click()
    expect(at.page.get_by_role("status")).to_contain_text("Tokens of before stay dead")
    assert carl.scopes(at.url) == []
    expect(at.page.get_by_text("None that counts")).to_be_visible()


def test_somebody_is_removed(carl: Colleague, browse: Callable[..., At]) -> None:
    """Who is removed is no member any more, and their token is dead."""
    at = browse("Ann", java_script_enabled=False)
    open_person(at, carl)
    at.page.get_by_role("link", name="Offboard").click()
    at.page.get_by_label("Remove").check()
    at.page.get_by_role("button", name=f"Offboard {carl.name}").click()
    expect(at.page.get_by_role("status")).to_contain_text("belongs to the organization no more")
    assert carl.scopes(at.url) == []
    at.goto(f"/people?q={carl.name}")
    expect(at.page.get_by_role("heading", name="Nobody is like this")).to_be_visible()


def test_the_last_admin_stays(browse: Callable[..., At]) -> None:
    """Whoever alone administers finds no button that would shut them out, and reads why."""
    at = browse("Ann")
    at.goto("/people?q=ann@")
    at.page.get_by_role("link", name="Ann", exact=True).click()
    at.page.get_by_role("link", name="Offboard").click()
    expect(at.page.get_by_text("Nobody else administers this organization.")).to_be_visible()
    assert at.page.get_by_role("button", name="Offboard").count() == 0
    at.shot("person-last-admin")


def test_another_code_says_what_it_takes(carl: Colleague, browse: Callable[..., At]) -> None:
    """A new one-time code ends what somebody signed in by, which the page says before."""
    at = browse("Ann")
    open_person(at, carl)
    at.page.get_by_role("link", name="New one-time code").click()
    expect(at.page.get_by_text("What they sign in by now is over at once.")).to_be_visible()
    at.shot("person-code")
    at.page.get_by_role("button", name="Make a new code").click()
    expect(at.page.locator("#use-link-1")).to_contain_text("/setup#")


def test_who_only_reads_members_finds_no_button(carl: Colleague, browse: Callable[..., At]) -> None:
    """Whoever may not manage members has no form in the markup, and no deed (X6)."""
    at = browse("Rita")
    for path in ("/people", "/people/new", f"/people/{carl.user}", f"/people/{carl.user}/offboard"):
        assert at.page.request.get(f"{at.url}{path}").status == 403, path


def test_what_rests_on_a_leaver_is_handed_over(browse: Callable[..., At], own: Path) -> None:
    """Who offboards hands all API tokens over to a service user at once, and they go on (K5)."""
    who = colleague(own, "Vera", "developer")
    robot = service_user(own, "nightly-robot")
    at = browse("Ann")
    at.goto(f"/people/{who.user}/offboard")
    select = at.page.get_by_label("Hand all of these over to")
    assert select.locator("option").nth(1).inner_text() == f"{robot} (a service user)"
    at.page.get_by_role("button", name="Hand over").click()
    expect(at.page.get_by_role("alert")).to_contain_text("Choose who takes them over")
    at.accessible()
    at.fits()
    at.shot("person-hand-over")
    select.select_option(label=f"{robot} (a service user)")
    at.page.get_by_role("button", name="Hand over").click()
    expect(at.page.get_by_role("status")).to_contain_text(f"Handed over to {robot}: 1.")
    expect(at.page.get_by_role("heading", name="Stops until somebody else")).to_have_count(0)
    at.goto(f"/content-api-manager/{who.lent}")
    expect(at.page.locator(".facts")).to_contain_text(robot)


def test_whom_another_organization_has_joins_by_the_code(
    house: Server, own: Path, browse: Callable[..., At]
) -> None:
    """They keep what they sign in with, and join by signing in and by the code (S20, S48)."""
    assert house.port
    name, email, code = invited_elsewhere(own)
    at = browse()
    at.goto("/signin")
    at.page.get_by_label("E-mail").fill(email)
    at.page.get_by_label("Password").fill(PASSWORD)
    at.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(at.page.get_by_text("An organization invites you.")).to_be_visible()
    at.page.get_by_role("button", name="You: Dora").click()
    at.shot("menu-invited")
    at.accessible()
    at.page.get_by_role("link", name="Invitations").click()
    expect(at.page.get_by_role("heading", name=name)).to_be_visible()
    at.shot("invitations")
    at.accessible()
    at.fits()
    at.page.get_by_label("The code that they gave you").fill("cfi_not-the-one")
    at.page.get_by_role("button", name="Join").click()
    expect(at.page.get_by_role("alert")).to_contain_text("unknown, used or late")
    at.page.get_by_label("The code that they gave you").fill(code)
    at.page.get_by_role("button", name="Join").click()
    expect(at.page.get_by_role("status")).to_contain_text(f"You belong to {name} now")
    expect(at.page.get_by_role("heading", name="Nobody invites you")).to_be_visible()
    at.page.get_by_role("button", name="Organization: ").click()
    at.page.get_by_role("button", name=name, exact=True).click()
    expect(at.page.get_by_role("button", name=f"Organization: {name}")).to_be_visible()


def test_what_a_leaver_did_goes_on(carl: Colleague, browse: Callable[..., At]) -> None:
    """From the token of who leaves one gets to an API token that takes its place (E 3.8)."""
    at = browse("Ann")
    page = at.goto(f"/people/{carl.user}/offboard")
    stops = page.get_by_role("region", name="Stops for good")
    stops.get_by_role("link", name="Make an API token like it…").click()
    expect(page.get_by_role("main")).to_contain_text("which ends with its owner")
    expect(page.locator("#name")).to_have_value("the-laptop")
    expect(page.locator("#surface-management")).to_be_checked()
    expect(page.locator("#user")).to_have_value("")
    at.accessible()
    at.shot("manager-like")
