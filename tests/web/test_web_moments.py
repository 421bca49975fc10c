"""Forms that stand there only once something has happened, sent by browsers that run no script.

Each story below brings its moment about and sends the forms of it. `test_web_forms` walks all
other pages, and knows of these by their address.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import expect

from infra.openid_provider import serving_with_provider
from infra.server import serving
from support.apart import apart
from support.browse import At
from support.colleague import PASSWORD, colleague, invited_elsewhere, service_user
from support.first_run import fill_in, link
from support.forms import (
    Stage,
    agree_at_provider,
    only_from_here,
    press,
    sent_by_a_device,
    told,
)
from support.passkeys import add_passkey, at_localhost, give_authenticator
from support.web import give, give_secret, raise_flag

MANAGER = "/content-api-manager"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


own, tokens, house = apart(serving_with_provider)


def locked(on: Stage) -> None:
    """A token of the organization is being edited, and its locks are released."""
    id_, _ = give_secret(on.own, "Ann", f"locked-{uuid4().hex[:6]}")
    at = on.at("Ann")
    at.goto(f"{MANAGER}/{id_}")
    press(at, "Edit")
    expect(at.page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    at.goto(f"{MANAGER}/{id_}")
    press(at, "Release the asset locks")
    told(at, "The asset locks are released.")


def flagged(on: Stage) -> None:
    """A token and a pair of the organization are unlike themselves, and somebody says: all well."""
    at = on.at("Ann")
    for id_, path in ((on.tokens["api"], MANAGER), (on.tokens["pair"], "/key-pairs")):
        raise_flag(on.own, id_)
        at.goto(f"{path}/{id_}")
        press(at, "Dismiss: all is well")
        expect(at.page.locator(".flags")).to_have_count(0)


def switched_off(on: Stage) -> None:
    """A pair and a webhook are switched off, and on again."""
    at = on.at("Ann")
    for id_, path in ((on.tokens["pair"], "/key-pairs"), (on.tokens["webhook"], "/webhooks")):
        at.goto(f"{path}/{id_}")
        press(at, "Switch off")
        told(at, "It is switched off")
        press(at, "Switch on")
        told(at, "It is switched on")


def _at_invitations(on: Stage, email: str) -> At:
    """Sign in whom another organization invites, and look at what it says."""
    at = on.at()
    at.goto("/signin")
    at.page.get_by_label("E-mail").fill(email)
    at.page.get_by_label("Password").fill(PASSWORD)
    press(at, "Sign in")
    expect(at.page.get_by_text("An organization invites you.")).to_be_visible()
    at.goto("/invitations")
    return at


def invited(on: Stage) -> None:
    """Another organization invites somebody, who stays away, or joins it and goes there."""
    _, email, _ = invited_elsewhere(on.own)
    away = _at_invitations(on, email)
    press(away, "Decline")
    told(away, "You stay away")
    name, email, code = invited_elsewhere(on.own)
    at = _at_invitations(on, email)
    at.page.get_by_label("The code that they gave you").fill(code)
    press(at, "Join")
    told(at, f"You belong to {name} now")
    at.page.get_by_role("button", name="Organization: ").click()
    press(at, name)
    expect(at.page.get_by_role("button", name=f"Organization: {name}")).to_be_visible()


def leaving(on: Stage) -> None:
    """Somebody leaves: what rests on them is handed over, they are shut out, and let in again."""
    who = colleague(on.own, f"Vera {uuid4().hex[:6]}", "developer")
    robot = service_user(on.own, "nightly-robot")
    at = on.at("Ann")
    at.goto(f"/people/{who.user}/offboard")
    heir = at.page.get_by_label("Hand all of these over to")
    heir.select_option(label=f"{robot} (a service user)")
    press(at, "Hand over")
    told(at, f"Handed over to {robot}: 1.")
    at.goto(f"/people/{who.user}/offboard")
    press(at, f"Offboard {who.name}")
    told(at, "is shut out")
    press(at, "Let them in again")
    told(at, "Tokens of before stay dead")


def announced(on: Stage) -> None:
    """A policy is announced for a day, and taken back before it comes."""
    give(on.own, "Rita", "outlives-the-policy", days=350)
    day = datetime.now(UTC) + timedelta(days=20)
    at = on.at("Ann")
    at.goto("/policy")
    at.page.get_by_role("textbox", name="The longest life").fill("11")
    at.page.locator("#lifetime_max").select_option(label="months")
    press(at, "See what it would do")
    at.page.get_by_label("Day (from 00:00 UTC)").fill(f"{day:%Y-%m-%d}")
    press(at, "Notify, and enforce on that day")
    told(at, "announced")
    press(at, "Take it back")
    told(at, "Taken back")


def often_asked(on: Stage) -> None:
    """Somebody keeps a filter of the audit log under a name, and lets go of it."""
    at = on.at("Ann")
    at.goto("/audit?operation=token.request")
    at.page.get_by_text("Save this filter…").click()
    at.page.get_by_label("Name", exact=True).fill("Who asked")
    press(at, "Save")
    told(at, "The filter is saved.")
    press(at, "Remove the saved filter Who asked")
    expect(at.page.get_by_role("list", name="Saved filters")).to_have_count(0)


def with_a_passkey(on: Stage) -> None:
    """Somebody has a passkey, calls it something else, and removes it."""
    before = at_localhost(on.browse, on.house, on.seeded, "Ben")
    give_authenticator(before)
    add_passkey(before, "telephone")
    told(before, "The passkey is added")
    at = on.at("Ben")
    at.goto("/settings/security")
    row = at.page.locator("#ways li").filter(has_text="telephone")
    row.get_by_text("Rename…").click()
    row.get_by_label("Name of the passkey").fill("laptop")
    row.get_by_role("button", name="Rename", exact=True).click()
    row = at.page.locator("#ways li").filter(has_text="laptop")
    row.get_by_text("Remove…").click()
    row.get_by_role("button", name="Remove the passkey").click()
    told(at, "The passkey is removed")
    expect(row).to_have_count(0)


def with_an_app(on: Stage) -> None:
    """Somebody sets up an authenticator app, comes in by a code, has new ones, and removes it."""
    at = on.at("Ben")
    at.goto("/settings/security")
    at.page.get_by_role("link", name="Set up an authenticator app").click()
    key = at.page.locator(".fixed code").inner_text().replace(" ", "")
    at.page.get_by_label("Code that the app shows").fill(pyotp.TOTP(key).now())
    press(at, "Turn it on")
    code = at.page.locator(".recovery code").first.inner_text()
    at.page.get_by_role("link", name="I have stored them").click()
    row = at.page.locator("#ways li").filter(has_text="Authenticator app")
    expect(row).to_contain_text("10 codes for recovery left")
    other, ben = on.at(), on.seeded.told["people"][1]
    other.goto("/signin")
    for typed, said in (("", "Sign in"), (code, "Good to see you")):
        other.page.get_by_label("E-mail").fill(ben["email"])
        other.page.get_by_label("Password").fill(ben["password"])
        if typed:
            other.page.get_by_label("Code of the app").fill(typed)
        press(other, "Sign in")
        expect(other.page.get_by_role("heading", level=1)).to_contain_text(said)
    at.goto("/settings/security")
    expect(row).to_contain_text("9 codes for recovery left")
    row.get_by_text("New codes…").click()
    press(at, "Make new codes")
    expect(at.page.locator(".recovery li")).to_have_count(10)
    at.page.get_by_role("link", name="I have stored them").click()
    expect(row).to_contain_text("10 codes for recovery left")
    row.get_by_text("Remove…").click()
    row.get_by_role("button", name="Remove the app").click()
    told(at, "The app is asked for no more")
    expect(row).to_have_count(0)


def at_a_device(on: Stage) -> None:
    """A device shows letters; who types them lets it in, or does not."""
    at = on.at("Ben")
    for answer, said, status in (
        ("Let it in", "The device is signed in as you.", 200),
        ("No", "The device was refused.", 400),
    ):
        _, begun = sent_by_a_device(on.house, "/oauth/device_authorization")
        at.goto("/device")
        at.page.get_by_label("Code").fill(begun["user_code"])
        press(at, "Go on")
        press(at, answer)
        told(at, said)
        asked = {"grant_type": DEVICE, "device_code": begun["device_code"]}
        assert sent_by_a_device(on.house, "/oauth/token", **asked)[0] == status


def vouched_for(on: Stage) -> None:
    """Somebody links an account of a provider, comes in by it, and unlinks it (S48)."""
    at, other = on.at("Ben"), on.at()
    for one in (at, other):
        one.page.route("**/*", only_from_here)
    at.goto("/settings/security")
    press(at, "Link your account of Acme")
    agree_at_provider(at)
    expect(at.page.locator("#ways li").filter(has_text="Acme")).to_be_visible()
    other.goto("/signin")
    press(other, "Sign in with Acme")
    agree_at_provider(other)
    expect(other.page.get_by_role("button", name="You: Ben")).to_be_visible()
    other.goto("/settings/security")
    row = other.page.locator("#ways li").filter(has_text="Acme")
    row.get_by_text("Unlink…").click()
    row.get_by_role("button", name="Unlink the account").click()
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Sign in")


def where_nobody_is(on: Stage) -> None:
    """An installation begins, by the code of the link that its server printed."""
    with serving(on.empty) as server:
        begin = link(server)
        assert begin is not None
        at = At(on.at().page, f"http://localhost:{server.port}")
        at.goto("/begin")
        fill_in(at)
        at.page.get_by_label("What stands behind").fill(begin.partition("#")[2])
        press(at, "Go on")
        expect(at.page.get_by_role("heading", level=1)).to_have_text(
            "Create your passkey or password"
        )


def with_a_sample(on: Stage) -> None:
    """Sample content is laid out and taken away."""
    at = on.at("Ann")
    at.goto("/content/sample")
    press(at, "Lay it out")
    told(at, "is laid out")
    at.goto("/content/sample")
    press(at, "Take it away")
    told(at, "is in the trash")


MOMENTS: dict[Callable[[Stage], None], set[str]] = {
    locked: {"/content-api-manager/{id}/release"},
    flagged: {"/content-api-manager/{id}/dismiss", "/key-pairs/{id}/dismiss"},
    switched_off: {"/key-pairs/{id}/enable", "/webhooks/{id}/enable"},
    invited: {"/invitations/{id}/accept", "/invitations/{id}/decline", "/organization"},
    leaving: {"/people/{id}/hand-over", "/people/{id}/reactivate"},
    announced: {"/policy/take-back"},
    often_asked: {"/audit/queries", "/audit/queries/forget"},
    with_an_app: {
        "/settings/security/authenticator",
        "/settings/security/authenticator/codes",
        "/settings/security/authenticator/remove",
    },
    with_a_passkey: {
        "/settings/security/passkeys/{id}/forget",
        "/settings/security/passkeys/{id}/rename",
    },
    at_a_device: {"/device", "/device/approve", "/device/deny"},
    vouched_for: {
        "/settings/security/accounts/{id}/forget",
        "/signin/oidc/{provider}",
        "/signin/oidc/{provider}/link",
    },
    where_nobody_is: {"/begin"},
    with_a_sample: {"/content/sample", "/content/sample/away"},
}
"""Each story with the forms that it sends."""


@pytest.mark.parametrize("story", MOMENTS, ids=lambda story: story.__name__)
def test_forms_of_a_moment_are_sent_without_script(
    story: Callable[[Stage], None], stage: Stage
) -> None:
    """What stands there only once something has happened works without script as well."""
    story(stage)
    assert MOMENTS[story] <= stage.sent


def test_the_ways_in_stand_in_order(browse: Callable[..., At]) -> None:
    """Whoever is let in by an account elsewhere finds its button before the password (E 3.14)."""
    at = browse()
    page = at.goto("/signin")
    found = page.content()
    assert found.index("/signin/oidc/") < found.index('name="password"')
    at.accessible()
    at.fits()
    at.shot("signin-ways")
