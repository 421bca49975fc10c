"""Approvals: what is asked beside what would come of it, and every way to decide it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from counterfoil.access.scope import Scope, scopes
from counterfoil.kernel.ids import NodeId
from counterfoil.runtime.witness import NOBODY
from counterfoil.tokens.store.tables import requests
from support.browse import NARROW, At
from support.sample import Sample
from support.web import give, give_roles, only, seeder_of


def test_an_approver_sees_what_is_asked_and_gives_less(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """An approver reads who asks for what and why to mind it, and approves less (A8, A11)."""
    at = browse("Ann")
    at.goto("/approvals")
    named = at.page.locator("h2", has_text="agent-experience-pipeline")
    row = at.page.locator(".request", has=named)
    expect(row).to_contain_text("Ben")
    expect(row).to_contain_text("It follows the role")
    rule = "The policy has every token approved but those of admins."
    expect(row).to_contain_text(rule)
    at.accessible()
    at.fits()
    at.shot("approvals")
    row.get_by_role("link", name="agent-experience-pipeline", exact=True).click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text("agent-experience-pipeline")
    expect(at.page.get_by_role("main")).to_contain_text(rule)
    at.accessible()
    at.fits()
    at.shot("approval")
    at.page.get_by_role("checkbox", name="content:read").check()
    at.page.get_by_label("What you say to it").fill("x" * 501)
    at.page.get_by_role("button", name="Approve").click()
    expect(at.page.locator("#remark-error")).to_be_visible()
    at.page.get_by_label("What you say to it").fill("Reading is enough.")
    at.page.get_by_role("button", name="Approve").click()
    expect(at.page.get_by_role("status")).to_contain_text("works from now on")
    ben = browse("Ben")
    main = ben.goto(f"/tokens/{tokens['waiting']}/request").get_by_role("main")
    expect(main).to_contain_text("Ann: Reading is enough.")
    at.goto(f"/tokens/{tokens['waiting']}")
    expect(at.page.get_by_role("main")).to_contain_text("content:read")
    expect(at.page.get_by_role("main")).not_to_contain_text("content:write")


def test_what_waits_is_counted(browse: Callable[..., At], own: Path) -> None:
    """The bar says to who approves how much waits for them, and the page for how long (A10d)."""
    give(own, "Rita", "waits-since-long")
    at = browse("Ann")
    at.goto("/approvals")
    rows = at.page.locator(".request")
    count = at.page.get_by_role("navigation", name="Main").locator(".count")
    expect(count).to_have_text(str(rows.count()))
    expect(at.page.get_by_text("Oldest waits since today")).to_be_visible()
    wait_for(own, timedelta(days=3, hours=1))
    at.goto("/approvals")
    expect(at.page.get_by_text("Oldest waits 3 days")).to_be_visible()
    at.accessible()
    at.shot("approvals-oldest")
    rita = browse("Rita")
    rita.goto("/")
    expect(rita.page.get_by_role("navigation", name="Main").locator(".count")).to_have_count(0)


def wait_for(own: Path, span: timedelta) -> None:
    """Let what is open have been asked so long ago."""
    with closing(seeder_of(own)) as seeder:
        at = seeder.office.clock() - span
        with seeder.office.database.transaction(NOBODY) as tx:
            tx.execute(update(requests).where(requests.c.state == "open").values(created_at=at))


def test_who_denies_says_why(browse: Callable[..., At]) -> None:
    """Without a reason nothing is denied; with one it is, and the reason stays (A10a).

    The browser asks for it, as in the row of one request; and so does the server.
    """
    at = browse("Ann")
    at.goto("/approvals")
    at.page.get_by_role("checkbox", name=re.compile("too-wide")).check()
    reason = at.page.get_by_label("Reason for a denial")
    expect(reason).to_have_attribute("required", "")
    at.page.get_by_role("button", name="Deny").click()
    expect(reason).to_be_focused()
    at.page.locator("#ticked").evaluate("(form) => { form.noValidate = true; }")
    with at.page.expect_response("**/approvals") as answered:
        at.page.get_by_role("button", name="Deny").click()
    assert answered.value.status == 422
    expect(at.page.get_by_role("alert")).to_be_focused()
    at.shot("approvals-no-reason")
    at.page.get_by_label("Reason for a denial").fill("Ask for one folder.")
    at.page.get_by_role("button", name="Deny").click()
    expect(at.page.get_by_role("status")).to_have_text("Denied: 1.")
    at.goto("/approvals?state=denied")
    expect(at.page.locator(".request", has_text="too-wide")).to_contain_text("Ask for one folder.")


@pytest.mark.parametrize("script", [True, False])
def test_a_request_is_decided_in_its_row(
    browse: Callable[..., At], own: Path, tokens: dict[str, str], *, script: bool
) -> None:
    """One press approves; a denial asks for its reason in the row; neither needs script (A8)."""
    only(own, tokens.values())
    approved, denied = f"at-once-{script}", f"not-so-{script}"
    give(own, "Rita", approved)
    give(own, "Rita", denied)
    at = browse("Ann", viewport=NARROW, locale="de-DE", java_script_enabled=script)
    page = at.goto("/approvals")
    row = page.locator(".request", has=page.locator("h2", has_text=denied))
    row.get_by_text("Ablehnen…").click()
    if script:
        at.accessible()
        at.fits()
    at.shot("approvals-row")
    row.get_by_role("textbox").fill("  ")
    row.get_by_role("button", name="Ablehnen", exact=True).click()
    expect(row.locator(".error")).to_have_text("Sagen Sie, warum es abgelehnt wird.")
    at.shot("approvals-row-refused")
    row.get_by_role("textbox").fill("Fragen Sie nach einem Ordner.")
    row.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("status")).to_contain_text(denied)
    page.get_by_role("button", name=f"Genehmigen: {approved} von Rita").click()
    expect(page.get_by_role("status")).to_contain_text(approved)
    expect(page.locator("h2", has_text=approved)).to_have_count(0)
    at.goto("/approvals?state=denied")
    row = page.locator(".request", has=page.locator("h2", has_text=denied))
    expect(row).to_contain_text("Fragen Sie nach einem Ordner.")
    at.goto("/approvals?state=approved")
    expect(page.locator("h2", has_text=approved)).to_have_count(1)
    only(own, tokens.values())


def test_requests_are_gone_through_by_keyboard(browse: Callable[..., At], own: Path) -> None:
    """J and k go from one to the next, a and d lead to the button and the reason; none decides."""
    give(own, "Rita", "by-keyboard")
    give(own, "Rita", "by-keyboard")
    at = browse("Ann")
    page = at.goto("/approvals")
    rows = page.locator(".request")
    expect(rows.first).to_contain_text("of 5 used")
    expect(rows.first).to_contain_text("They have one already that is called the same")
    page.keyboard.press("j")
    expect(rows.nth(0).get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1).get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("button", name="Approve as asked")).to_be_focused()
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.get_by_label("Reason for a denial")).to_be_focused()
    page.keyboard.type("jada")  # letters of the reason are letters
    expect(page.get_by_label("Reason for a denial")).to_have_value("jada")
    at.accessible()
    at.shot("approvals-keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Denied: 1.")


def test_what_is_asked_is_told_by_its_weight(
    browse: Callable[..., At], own: Path, tokens: dict[str, str], seeded: Sample
) -> None:
    """A scope says if it reads, changes or is refused; a root node says how much is in it (A8)."""
    only(own, tokens.values())
    press = NodeId(int(seeded.told["nodes"]["/site/press"]))
    asked = scopes(Scope.CONTENT_READ, Scope.CONTENT_PUBLISH)
    give(own, "Ben", "weighed", inherit=False, scopes=asked, roots=frozenset({press}))
    at = browse("Ann")
    page = at.goto("/approvals")
    waiting = page.get_by_role("navigation", name="State").locator(".count")
    expect(waiting).to_have_text(str(page.locator(".request").count()))
    row = page.locator(".request", has=page.locator("h2", has_text="weighed"))
    expect(row).to_contain_text("Ben (developer)")
    expect(row).to_contain_text(re.compile(r"/site/press\s+\d+ nodes"))
    row.get_by_role("link", name="weighed", exact=True).click()
    reads, publishes = (
        page.get_by_role("row").filter(has=page.locator("th", has_text=name))
        for name in ("content:read", "content:publish")
    )
    expect(reads.get_by_role("cell")).to_contain_text(["yes", "yes", "yes", "reads"])
    expect(publishes.get_by_role("cell")).to_contain_text(["yes", "yes", "yes", "changes"])
    expect(page.get_by_role("group", name="Root node")).to_contain_text("nodes")
    at.accessible()
    at.shot("approval-weighed")
    page.set_viewport_size({"width": 360, "height": 740})
    at.fits()
    scope = reads.locator("code").bounding_box()
    assert scope is not None
    assert scope["height"] < 40  # on a line of its own, and not a letter a line
    at.shot("approval-weighed-narrow")
    try:
        give_roles(own, "Ben", "reader")
        page.reload()
        expect(publishes.get_by_role("cell")).to_contain_text(["yes", "no", "yes", "refused"])
        at.accessible()
    finally:
        give_roles(own, "Ben", "developer")
    only(own, tokens.values())


@pytest.mark.parametrize("script", [True, False])
def test_an_approver_narrows_where_it_reaches(
    browse: Callable[..., At], own: Path, tokens: dict[str, str], seeded: Sample, *, script: bool
) -> None:
    """What was asked for everywhere is given for a folder, and a folder for one in it (A8, A11)."""
    only(own, tokens.values())
    site, press = (NodeId(int(seeded.told["nodes"][one])) for one in ("/site", "/site/press"))
    asked = scopes(Scope.CONTENT_READ, Scope.CONTENT_PUBLISH)
    wide, folder = f"everywhere-{script}", f"folder-{script}"
    made = {
        wide: give(own, "Ben", wide, inherit=False, scopes=asked),
        folder: give(own, "Ben", folder, inherit=False, scopes=asked, roots=frozenset({site})),
    }
    at = browse("Ann", viewport=NARROW, locale="de-DE", java_script_enabled=script)
    for name in (wide, folder):
        page, main = at.goto("/approvals"), at.page.get_by_role("main")
        page.get_by_role("link", name=name, exact=True).click()
        roots = page.get_by_role("group", name="Wurzelknoten")
        if name == wide:
            expect(page.locator("#cautions")).to_contain_text("Es ändert überall")
            roots.get_by_label("Nur in und unter gewählten Knoten").check()
        else:
            expect(roots.locator(f'[name=roots][value="{site}"]')).to_be_checked()
            roots.locator(f'[name=remove][value="{site}"]').click()
            expect(roots.locator(f'[name=roots][value="{site}"]')).not_to_be_checked()
        roots.get_by_role("searchbox").fill("/site/press")
        roots.get_by_role("searchbox").press("Enter")  # looks, and approves nothing
        roots.locator(f'[name=add][value="{press}"]').click()
        expect(roots.locator(".picked").last).to_contain_text("/site/press")
        expect(page.locator("#cautions")).not_to_contain_text("Es ändert überall")
        if script:
            at.accessible()
            at.fits()
        at.shot(f"approval-{name}")
        page.get_by_role("button", name="Genehmigen").first.click()
        expect(page.get_by_role("status")).to_contain_text("gilt ab jetzt")
        main = at.goto(f"/tokens/{made[name]}").get_by_role("main")
        expect(main).to_contain_text("/site/press")
    only(own, tokens.values())


def test_what_would_work_follows_what_is_ticked(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """What a scope would come to is said anew once it is unticked, and why to mind it too (A8)."""
    only(own, tokens.values())
    asked = scopes(Scope.CONTENT_READ, Scope.CONTENT_PUBLISH)
    give(own, "Ben", "less", inherit=False, scopes=asked)
    at = browse("Ann")
    page = at.goto("/approvals")
    page.get_by_role("link", name="less", exact=True).click()
    row = page.get_by_role("row").filter(has=page.locator("th", has_text="content:publish"))
    box = row.get_by_role("checkbox")
    expect(row).to_contain_text("changes")
    expect(page.locator("#cautions")).to_contain_text("It publishes")
    box.focus()
    page.keyboard.press("Space")
    expect(row).to_contain_text("left out")
    expect(page.locator("#cautions")).not_to_contain_text("It publishes")
    expect(box).to_be_focused()
    tick, name = box.bounding_box(), row.locator("code").bounding_box()
    assert tick is not None
    assert name is not None
    assert abs(tick["y"] + tick["height"] / 2 - name["y"] - name["height"] / 2) < 2
    meter = page.locator(".facts.narrow .quota")
    assert meter.evaluate("it => it.scrollWidth <= it.parentElement.clientWidth")
    at.accessible()
    at.shot("approval-less")
    only(own, tokens.values())


def test_who_may_not_approve_sees_no_approvals(browse: Callable[..., At]) -> None:
    """A member who decides nothing is led to no approvals, and finds none there (A8, X6)."""
    at = browse("Rita")
    at.goto("/")
    expect(at.page.get_by_role("link", name="Approvals")).to_have_count(0)
    assert at.goto("/approvals").get_by_role("heading", level=1).inner_text() != "Approvals"
