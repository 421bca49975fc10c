"""The forms about personal tokens, sent without script: asked for, changed, decided, ended."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from support.browse import At
from support.forms import Stage, press, told
from support.web import give, raise_flag


def _new(name: str) -> str:
    return f"{name}-{uuid4().hex[:6]}"


def _heading(at: At, words: str) -> None:
    expect(at.page.get_by_role("heading", level=1)).to_have_text(words)


def _open(at: At, name: str) -> None:
    at.page.get_by_role("heading", name=name).get_by_role("link").click()


def asked_for(on: Stage) -> None:
    """Somebody sees what a token could do, asks for it, reminds those who decide, gives it up."""
    at, name = on.at("Rita"), _new("asked")
    at.goto(f"/tokens/new?name={name}&scopes=content:read")
    press(at, "Say what it can do now")
    expect(at.page.locator("#can")).to_contain_text(f"{name} can read content")
    at.page.get_by_label("Justification").fill("For the wall.")
    press(at, "Create token")
    _heading(at, "Token requested")
    at.goto("/tokens")
    at.page.get_by_role("main").get_by_role("link", name=name).click()
    at.page.get_by_role("link", name="Request", exact=True).click()
    press(at, "Remind them")
    told(at, "reminded")
    press(at, "Withdraw request")
    expect(at.page.get_by_role("main")).to_contain_text("Withdrawn")


def changed(on: Stage) -> None:
    """A token gets another name; its tree is opened branch by branch; it gets a successor."""
    id_ = give(on.own, "Ann", _new("changed"))
    at, name = on.at("Ann"), _new("renamed")
    at.goto(f"/tokens/{id_}/restrictions")
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.get_by_label("Find a node by its name or address").fill("/site/press")
    press(at, "Find")
    expect(at.page.locator("#picker")).to_contain_text("Found: 1 node")
    press(at, "Add /site/press")
    at.page.get_by_role("textbox", name="Name").fill(name)
    press(at, "Save changes")
    _heading(at, name)
    at.goto(f"/tokens/{id_}/renew")
    press(at, "Create successor")
    secret = at.page.locator("#secret").inner_text()
    assert secret.startswith("cfp_")


def stopped(on: Stage) -> None:
    """A token is unlike itself, and all is well; it is switched off, and on; it is deleted."""
    id_ = give(on.own, "Ben", _new("stopped"))
    raise_flag(on.own, id_)
    at = on.at("Ben")
    at.goto(f"/tokens/{id_}")
    press(at, "Dismiss: all is well")
    expect(at.page.locator(".flags")).to_have_count(0)
    mine = give(on.own, "Ann", _new("switched"))
    ann, main = on.at("Ann"), None
    ann.goto(f"/tokens/{mine}/disable")
    press(ann, "Disable token")
    main = ann.page.get_by_role("main")
    expect(main.get_by_text("Disabled", exact=True)).to_be_visible()
    press(ann, "Enable")
    expect(main.get_by_text("Active", exact=True)).to_be_visible()
    ann.goto(f"/tokens/{mine}/delete")
    press(ann, "Delete token")
    told(ann, "is revoked")


def decided(on: Stage) -> None:
    """An admin approves in the list, and for one folder on a page of its own; and denies there."""
    names = [_new("decided") for _ in range(3)]
    for name in names:
        give(on.own, "Rita", name)
    at = on.at("Ann")
    at.goto("/approvals")
    press(at, f"Approve {names[0]} of Rita")
    expect(at.page.get_by_role("heading", name=names[0])).to_have_count(0)
    _open(at, names[1])
    at.page.get_by_label("Only in and under chosen nodes").check()
    at.page.get_by_label("Find a node by its name or address").fill("/site/press")
    press(at, "Find")
    press(at, "Add /site/press")
    press(at, "Approve")
    told(at, "works from now on")
    at.goto("/approvals")
    _open(at, names[2])
    at.page.get_by_role("textbox", name="Reason").fill("Two are enough.")
    press(at, "Deny")
    told(at, "Denied")


def all_ended(on: Stage) -> None:
    """Somebody ends all tokens of theirs at once."""
    give(on.own, "Rita", _new("ended"))
    at = on.at("Rita")
    at.goto("/tokens/delete-all")
    press(at, "Delete all tokens")
    told(at, "answers 401")


STORIES: dict[Callable[[Stage], None], set[str]] = {
    asked_for: {
        "/tokens/new",
        "/tokens/preview",
        "/tokens/{id}/request/cancel",
        "/tokens/{id}/request/remind",
    },
    changed: {"/tokens/{id}/restrictions", "/tokens/{id}/restrictions/tree", "/tokens/{id}/renew"},
    stopped: {
        "/tokens/{id}/delete",
        "/tokens/{id}/disable",
        "/tokens/{id}/dismiss",
        "/tokens/{id}/enable",
    },
    decided: {
        "/approvals",
        "/approvals/{id}/approve",
        "/approvals/{id}/deny",
        "/approvals/{id}/preview",
    },
    all_ended: {"/tokens/delete-all"},
}
