"""The forms about people, sent without script: who comes in, what they may do, how they leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

from playwright.sync_api import expect

from counterfoil.kernel.ids import OrganizationId, UserId
from support.browse import At, password_of
from support.colleague import PASSWORD, colleague
from support.forms import Stage, press, told
from support.web import seeder_of

_OTHER = "four gulls on a mast"


def _new(name: str) -> str:
    return f"{name} {uuid4().hex[:6]}"


def _signed_in(at: At, email: str, password: str) -> None:
    at.goto("/signin")
    at.page.get_by_label("E-mail").fill(email)
    at.page.get_by_label("Password").fill(password)
    press(at, "Sign in")


def invited_here(on: Stage) -> None:
    """Somebody is invited, given another code, takes it up, changes the password, signs out."""
    at, name = on.at("Ann"), _new("Nora")
    email = f"{name.replace(' ', '.').lower()}@harbour.example"
    at.goto("/people/new")
    at.page.get_by_role("textbox", name="Name").fill(name)
    at.page.get_by_role("textbox", name="E-mail address").fill(email)
    at.page.get_by_label("reader").check()
    press(at, "Invite")
    first = at.page.locator("#secret").inner_text()
    at.goto("/people")
    at.page.get_by_role("link", name=name, exact=True).click()
    at.page.get_by_role("link", name="New one-time code…").click()
    press(at, "Make a new code")
    code = at.page.locator("#secret").inner_text()
    assert code != first
    nora = on.at()
    nora.goto("/setup")
    nora.page.get_by_label("The code that you were given").fill(code)
    nora.page.get_by_label("Password").fill(PASSWORD)
    press(nora, "Choose this password")
    told(nora, "Your password is set")
    _signed_in(nora, email, PASSWORD)
    expect(nora.page.get_by_role("button", name=f"You: {name}")).to_be_visible()
    nora.goto("/password")
    nora.page.get_by_label("The password that you have").fill(PASSWORD)
    nora.page.get_by_label("Another one").fill(_OTHER)
    press(nora, "Change the password")
    told(nora, "Your password is changed")
    _signed_in(nora, email, _OTHER)
    nora.page.get_by_role("button", name=f"You: {name}").click()
    press(nora, "Sign out everywhere")
    expect(nora.page.get_by_role("heading", level=1)).to_have_text("You are signed out")


def given_roles(on: Stage) -> None:
    """Somebody is given another role after a look at what that changes; signed out; shut out."""
    who = colleague(on.own, _new("Olaf"), "reader")
    at = on.at("Ann")
    at.goto(f"/people/{who.user}")
    at.page.get_by_label("editor").check()
    press(at, "See what changes")
    expect(at.page.locator("#change")).to_contain_text("token")
    press(at, "Save roles")
    told(at, "has these roles from the next request on")
    press(at, "Sign out everywhere")
    told(at, "signed out")
    at.goto(f"/people/{who.user}/offboard")
    press(at, f"Offboard {who.name}")
    told(at, "is shut out")


def come_in(on: Stage) -> None:
    """Somebody comes in by a code of the operator, and says again who they are."""
    kept = json.loads((on.own / "sample.json").read_text())
    here, ben = OrganizationId(int(kept["organization"]["id"])), UserId(int(kept["users"]["Ben"]))
    with closing(seeder_of(on.own)) as seeder:
        entry = seeder.entry(here, ben)
    at = on.at()
    at.goto("/enter")
    at.page.get_by_label("What stands behind the # of the link").fill(entry)
    press(at, "Sign in")
    expect(at.page.get_by_role("button", name="You: Ben")).to_be_visible()
    at.goto("/again?next=/settings")
    at.page.get_by_label("Password").fill(password_of(on.seeded, "Ben")[1])
    press(at, "Confirm and go on")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Settings")


def sessions(on: Stage) -> None:
    """Somebody ends one session of theirs, and then all others; and reads another language."""
    here = on.at("Rita")
    on.at("Rita"), on.at("Rita")
    here.goto("/settings/security")
    end = here.page.get_by_role("button", name="End the session:")
    before = end.count()
    end.first.click()
    expect(end).to_have_count(before - 1)
    here.page.get_by_role("button", name="Sign out of the").click()
    expect(end).to_have_count(0)
    here.goto("/settings")
    here.page.get_by_label("Language of the pages").select_option("de")
    press(here, "Change")
    expect(here.page.locator("html")).to_have_attribute("lang", "de")


def noticed(on: Stage) -> None:
    """Somebody has read their notices, and says which shall come by mail."""
    at = on.at("Ann")
    at.goto("/notices")
    press(at, "Mark all as read")
    expect(at.page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    at.page.get_by_text("What comes by mail").click()
    first = at.page.locator("[name=mail]").first
    first.uncheck()
    press(at, "Keep")
    at.goto("/notices")
    at.page.get_by_text("What comes by mail").click()
    expect(first).not_to_be_checked()


def roles(on: Stage) -> None:
    """A role is made, changed after a look at what that changes, doubled, and deleted."""
    at, name = on.at("Ann"), _new("Blog editors")
    at.goto("/member-roles/new")
    at.page.get_by_role("textbox", name="Name").fill(name)
    at.page.locator("[name=scopes][value='content:read']").check()
    press(at, "Create role")
    expect(at.page.get_by_role("heading", level=1)).to_have_text(name)
    at.page.locator("[name=scopes][value='content:write']").check()
    press(at, "See what changes")
    expect(at.page.locator("#change")).to_contain_text("content:write")
    press(at, "Save")
    at.goto("/member-roles")
    at.page.get_by_role("link", name=name).first.click()
    expect(at.page.locator("[name=scopes][value='content:write']")).to_be_checked()
    press(at, "Duplicate")
    expect(at.page.get_by_role("heading", level=1)).not_to_have_text(name)
    at.page.get_by_role("link", name="Delete…").click()
    press(at, "Delete role")
    told(at, "deleted")


def policy(on: Stage) -> None:
    """The policy is changed, once it has been seen whom that concerns."""
    at = on.at("Ann")
    at.goto("/policy")
    quota = at.page.locator("#quota")
    before = quota.input_value()
    quota.fill("9")
    press(at, "See what it would do")
    at.page.get_by_role("button", name="Save").click()
    told(at, "Saved")
    at.goto("/policy")
    expect(quota).to_have_value("9")
    assert before != "9"


def every_one_ended(on: Stage) -> None:
    """An admin ends every token of the organization at once."""
    at = on.at("Ann")
    at.goto("/policy")
    at.page.get_by_role("link", name="Revoke every token…").click()
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("tokens of this organization?")
    at.page.get_by_label("Why").fill("The builds were broken into.")
    press(at, "Revoke every token")
    told(at, "answers 401")


STORIES: dict[Callable[[Stage], None], set[str]] = {
    invited_here: {
        "/people/new",
        "/people/{id}/code",
        "/setup",
        "/password",
        "/signin",
        "/signout",
    },
    given_roles: {
        "/people/{id}/offboard",
        "/people/{id}/roles",
        "/people/{id}/roles/preview",
        "/people/{id}/sign-out",
    },
    come_in: {"/again", "/enter"},
    sessions: {
        "/language",
        "/settings/security/sessions/end-others",
        "/settings/security/sessions/{id}/end",
    },
    noticed: {"/notices/mail", "/notices/read"},
    roles: {
        "/member-roles/new",
        "/member-roles/{id}",
        "/member-roles/{id}/delete",
        "/member-roles/{id}/duplicate",
        "/member-roles/{id}/preview",
    },
    policy: {"/policy", "/policy/preview"},
    every_one_ended: {"/policy/revoke-tokens"},
}
