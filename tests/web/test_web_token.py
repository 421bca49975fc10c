"""One token: what it is, how it was used, what was done to it, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from counterfoil.audit.receipts import verify_receipt
from support.browse import At
from support.web import LONG, give, only


def test_one_token(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """A token shows its name, its state, its end and what it can do, also when over (A21, G6)."""
    at = browse("Ann")
    at.goto(f"/tokens/{tokens['dx-cli-laptop']}")
    main = at.page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text("dx-cli-laptop")
    expect(main.get_by_text("content:read", exact=True)).to_be_visible()
    expect(main.get_by_text("/site", exact=True)).to_be_visible()
    expect(main).to_contain_text("by Ann")
    expect(main).to_contain_text("It needed no approval.")
    at.shot("token")
    for name in (LONG, "off", "gone"):
        at.goto(f"/tokens/{tokens[name]}")
        expect(main.get_by_text("Expires", exact=True)).to_be_visible()
        at.accessible()
        at.shot(f"token-{name[:8]}")
    expect(main.get_by_role("link", name="Delete…")).to_have_count(0)


def test_how_a_token_was_used(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """Bars by outcome with the same numbers in a table, and who used it from where (G12g)."""
    at = browse("Ann")
    at.goto(f"/tokens/{tokens['soon']}/usage?range=7d")
    page = at.page
    bars = page.get_by_role("img", name=re.compile("requests from"))
    expect(bars.locator(".chart-bar")).to_have_count(28)
    told = bars.get_attribute("aria-label") or ""
    rows = page.get_by_role("region", name="Totals").locator("tr")
    total = int(rows.last.locator("td").first.inner_text().replace(",", ""))
    parts = [rows.nth(n).locator("td").first.inner_text() for n in range(1, 5)]
    assert total == sum(int(one.replace(",", "")) for one in parts) > 0
    assert told.startswith(f"{total:,} requests")
    expect(page.locator(".verdicts")).to_have_text(
        re.compile(rf"{parts[0]}\s+valid\s*{total - int(parts[0].replace(',', '')):,}\s+invalid")
    )
    heights = bars.locator(".chart-bar rect:not(.chart-room)").count()
    assert heights > 28
    expect(
        page.get_by_role("cell", name="203.0.113.0/24").or_(
            page.get_by_role("rowheader", name="203.0.113.0/24")
        )
    ).to_be_visible()
    expect(page.get_by_role("rowheader", name="curl/8.5.0")).to_be_visible()
    at.accessible()
    at.shot("token-usage-7d")
    page.get_by_role("link", name="30 days").click()
    expect(bars.locator(".chart-bar")).to_have_count(30)
    page.get_by_text("The bars as a table").click()
    at.accessible()
    at.shot("token-usage-30d")
    page.set_viewport_size({"width": 360, "height": 740})
    at.fits()
    at.shot("token-usage-narrow")


def test_who_approved_a_token(browse: Callable[..., At], own: Path, tokens: dict[str, str]) -> None:
    """Its page says who made a token, who approved it, and what it was asked for with (A21)."""
    only(own, tokens.values())
    id_ = give(own, "Rita", "let-through", justification="For the fair.")
    ann, rita = browse("Ann"), browse("Rita")
    ann.goto("/approvals").get_by_role("button", name="Approve let-through of Rita").click()
    expect(ann.page.get_by_role("status")).to_contain_text("let-through works from now on")
    life = rita.goto(f"/tokens/{id_}").get_by_role("main").locator(".facts > div")
    expect(life.filter(has_text="Created")).to_contain_text("by Rita")
    expect(life.filter(has_text="Approved")).to_contain_text("by Ann")
    expect(life.filter(has_text="Justification")).to_contain_text("For the fair.")
    only(own, tokens.values())


def test_a_flag_is_looked_at(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """A flag says why, offers Revoke and Disable, and goes when all is well (G12h)."""
    at = browse("Ann")
    at.goto(f"/tokens/{tokens['soon']}")
    flags = at.page.get_by_role("region", name="Unlike this token")
    expect(flags).to_contain_text("A new network. It was used from 203.0.113.0/24, where")
    expect(flags.get_by_role("link", name="Revoke…")).to_be_visible()
    expect(flags.get_by_role("link", name="Disable…")).to_be_visible()
    at.accessible()
    at.shot("token-flagged")
    flags.get_by_role("button", name="Dismiss").click()
    expect(at.page.get_by_role("status")).to_contain_text("dismissed")
    expect(flags).to_have_count(0)


def test_off_and_on_and_gone(browse: Callable[..., At], own: Path, tokens: dict[str, str]) -> None:
    """Who stops a token is told before what stops working and for whom (A21, X15).

    And is given the proof that they did, though they may not read the trail (R15).
    """
    assert tokens
    at = browse("Rita")
    id_ = give(own, "Rita", "short-lived")
    at.goto(f"/tokens/{id_}")
    at.shot("token-pending")
    at.page.get_by_role("link", name="Delete…").click()
    expect(at.page.get_by_text("it was never used here")).to_be_visible()
    at.accessible()
    at.page.get_by_role("button", name="Delete token").click()
    expect(at.page.get_by_role("status")).to_contain_text("short-lived is revoked")
    with at.page.expect_download() as sent:
        at.page.get_by_role("status").get_by_role("link", name="Proof").click()
    assert b"token.revoke" in sent.value.path().read_bytes()
    verify_receipt(sent.value.path().read_bytes())
    ann = browse("Ann", java_script_enabled=False)
    ann.goto(f"/tokens/{tokens['soon']}")
    ann.page.get_by_role("main").get_by_role("link", name="Disable…").last.click()
    main = ann.page.get_by_role("main")
    expect(main.get_by_role("rowheader", name="curl/8.5.0")).to_be_visible()
    ann.shot("token-disable")
    main.get_by_role("button", name="Disable token").click()
    expect(main.get_by_text("Disabled", exact=True)).to_be_visible()
    main.get_by_role("button", name="Enable").click()
    expect(main.get_by_text("Expiring", exact=True)).to_be_visible()


def test_an_admin_and_a_token_of_somebody_else(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """An admin sees anybody's token and may end it; others see their own alone (A24)."""
    id_ = give(own, "Ben", "left-behind")
    at, ben = browse("Ann"), browse("Ben")
    at.goto(f"/tokens/{id_}")
    expect(at.page.get_by_role("main")).to_contain_text("of Ben")
    expect(at.page.get_by_role("link", name="Everybody's tokens")).to_be_visible()
    at.page.get_by_role("link", name="Delete…").click()
    expect(at.page.get_by_role("main")).to_contain_text("It is Ben's, who is told.")
    at.shot("token-delete-admin")
    at.page.get_by_role("button", name="Delete token").click()
    expect(at.page.get_by_role("main").get_by_text("Revoked").first).to_be_visible()
    ben.goto(f"/tokens/{id_}/trail")
    rows = ben.page.locator("tbody tr")
    expect(rows.first.locator(".deed")).to_contain_text("Ann revoked a token left-behind")
    ben.accessible()
    rita = browse("Rita")
    seen = rita.page.goto(f"{rita.url}/tokens/{tokens['soon']}")
    assert seen is not None
    assert seen.status in {403, 404}


def test_what_an_admin_switched_off(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """An admin switches anybody's token off; its owner reads so, and cannot switch it on (A24)."""
    at, ben = browse("Ann"), browse("Ben")
    main = at.goto(f"/tokens/{tokens['steady']}").get_by_role("main")
    main.get_by_role("link", name="Disable…").last.click()
    main.get_by_role("button", name="Disable token").click()
    expect(at.page.get_by_role("status")).to_contain_text("steady is switched off")
    told = "Ann switched it off: only who approves tokens here can switch it on again."
    seen = ben.goto(f"/tokens/{tokens['steady']}").get_by_role("main")
    expect(seen).to_contain_text(told)
    expect(seen.get_by_role("button", name="Enable")).to_have_count(0)
    ben.accessible()
    ben.shot("token-switched-off-by-admin")
    main.get_by_role("button", name="Enable").click()
    expect(at.page.get_by_role("status")).to_contain_text("it works again")
    ben.page.reload()
    expect(seen).not_to_contain_text("switched it off")


def test_the_trail_of_a_token(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """The owner reads who did what to a token, without reading anybody else's trail (X2)."""
    at = browse("Ann")
    at.goto(f"/tokens/{tokens['off']}/trail")
    table = at.page.get_by_role("region", name="Audit trail")
    said = table.locator(".deed")
    expect(said.filter(has_text="Ann disabled a token")).to_have_count(1)
    expect(said.filter(has_text="Ann asked for a token")).to_have_count(1)
    at.accessible()
    at.shot("token-trail")
    at.page.get_by_role("link", name="What was done with it").click()
    expect(at.page.get_by_role("heading", name="Nothing was done with it yet")).to_be_visible()
    ben = browse("Ben")
    ben.goto(f"/tokens/{tokens['waiting']}/trail")
    expect(ben.page.locator(".deed").last).to_contain_text("Ben asked for a token")
    ben.page.set_viewport_size({"width": 360, "height": 740})
    ben.fits()


def test_narrower_at_once_and_wider_after_approval(
    browse: Callable[..., At], tokens: dict[str, str]
) -> None:
    """An owner renames and narrows at once; what widens waits, the secret stays (X14, A21)."""
    at = browse("Ben")
    page, main = at.goto(f"/tokens/{tokens['steady']}"), at.page.get_by_role("main")
    path = page.url
    hint = main.locator(".token-line code").inner_text()
    page.get_by_role("link", name="Restrictions").click()
    page.get_by_role("textbox", name="Name").fill("narrowed")
    main.get_by_label("Only these").check()
    for box in main.locator(".scope-groups [type=checkbox]").all():
        box.set_checked(box.get_attribute("value") == "content:read")
    at.accessible()
    at.shot("token-restrictions")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(main.get_by_role("heading", level=1)).to_have_text("narrowed")
    expect(main.locator(".chips").first).to_have_text("content:read")
    page.get_by_role("link", name="Restrictions").click()
    main.get_by_label("All that you may do").check()
    page.get_by_label("Justification").fill("It shall publish.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("status")).to_contain_text("waits for approval")
    assert page.url == path
    expect(main.locator(".chips").first).to_have_text("content:read")
    assert main.locator(".token-line code").inner_text() == hint


def test_an_end_only_comes_earlier(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """No field moves an end out, not even past the browser's own check (X16, G11)."""
    at = browse("Ann", java_script_enabled=False, viewport={"width": 360, "height": 740})
    at.goto(f"/tokens/{tokens['soon']}/restrictions")
    at.fits()
    main = at.page.get_by_role("main")
    ends = main.get_by_label("Ends on")
    assert ends.get_attribute("max") == ends.input_value()
    cookies = {one["name"]: one["value"] for one in at.page.context.cookies()}
    assert cookies
    fields = {
        one.get_attribute("name"): one.get_attribute("value") or ""
        for one in main.locator("form.edit input[type=hidden]").all()
    }
    sent = at.page.request.post(
        f"{at.url}/tokens/{tokens['soon']}/restrictions",
        form={
            **{str(name): value for name, value in fields.items()},
            "name": "ci-schema-export",
            "scope_mode": "inherit",
            "expires_at": "2031-01-31",
        },
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
    )
    assert sent.status == 422
    assert "A token never lives longer than it was made for." in sent.text()


def test_a_successor(browse: Callable[..., At], tokens: dict[str, str]) -> None:
    """Renewing is one action: same settings, a new secret, and the old one is watched (X19)."""
    at = browse("Ann")
    page, main = at.page, at.page.get_by_role("main")
    at.goto(f"/tokens/{tokens['soon']}")
    page.get_by_role("link", name="Renew…").click()
    expect(page.get_by_label("Name")).to_have_value("ci-schema-export")
    page.get_by_label("90 days", exact=True).check()
    at.accessible()
    at.shot("token-renew")
    page.get_by_role("button", name="Create successor").click()
    expect(main.locator("#secret")).to_contain_text("cfp_")
    page.get_by_role("link", name="I have stored it").click()
    expect(main).to_contain_text("The old one was last seen")
    expect(main.get_by_role("link", name="Delete the old one…")).to_be_visible()
    at.accessible()
    at.shot("token-successor")
    page.get_by_role("link", name="Delete…", exact=True).click()
    page.get_by_role("button", name="Delete token").click()
    expect(page.get_by_role("status")).to_contain_text("is revoked")
