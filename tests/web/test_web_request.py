"""A request, as whoever asked sees it: with whom it is, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from support.browse import At
from support.web import give


def test_a_request_on_its_way(browse: Callable[..., At], own: Path, tokens: dict[str, str]) -> None:
    """Who asked sees with whom it is and when it lapses, and reminds them (A7, A10b, A10d)."""
    assert tokens
    id_ = give(own, "Rita", "on-its-way")
    at = browse("Rita")
    at.goto(f"/tokens/{id_}")
    page, main = at.page, at.page.get_by_role("main")
    main.get_by_role("link", name="See how far it is").click()
    expect(main.get_by_text("With Ann", exact=True)).to_be_visible()
    expect(main).to_contain_text("Without one it lapses")
    expect(main.locator("code.command-line")).to_contain_text("counterfoil pat wait req_")
    expect(main.get_by_role("link", name="Edit request")).to_be_visible()
    main.get_by_role("button", name="Remind them").click()
    expect(page.get_by_role("status")).to_contain_text("They are reminded")
    expect(main).to_contain_text("You reminded them")
    expect(main.get_by_role("button", name="Remind them")).to_have_count(0)
    at.accessible()
    at.shot("request-pending")
    page.set_viewport_size({"width": 360, "height": 740})
    at.fits()


def test_a_request_is_edited_and_withdrawn(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """An edit is a new request; who withdraws it ends a token that was never approved (A10c)."""
    assert tokens
    id_ = give(own, "Rita", "not-after-all")
    at = browse("Rita", java_script_enabled=False)
    at.goto(f"/tokens/{id_}/request")
    page, main = at.page, at.page.get_by_role("main")
    before = main.locator("code.command-line").inner_text()
    main.get_by_role("link", name="Edit request").click()
    main.get_by_label("Justification").fill("So that the archive is complete.")
    main.get_by_role("button", name="Save changes").click()
    page.get_by_role("link", name="Request", exact=True).click()
    expect(main).to_contain_text("So that the archive is complete.")
    assert main.locator("code.command-line").inner_text() != before
    main.get_by_role("button", name="Withdraw request").click()
    expect(main).to_contain_text("The request is withdrawn.")
    expect(main.locator(".timeline")).to_contain_text("Withdrawn")
    at.shot("request-withdrawn")


def test_why_it_was_denied(browse: Callable[..., At], own: Path, tokens: dict[str, str]) -> None:
    """Whoever asked reads what was denied, by whom and why, and that the place is free (A10a)."""
    assert tokens
    id_ = give(own, "Rita", "too-much")
    rita, ann = browse("Rita"), browse("Ann")
    rita.goto(f"/tokens/{id_}/request")
    asked = rita.page.locator("code.command-line").inner_text().rpartition("req_")[2]
    ann.goto(f"/approvals/{asked}")
    ann.page.get_by_label("Reason").fill("Reading does not need all of it.")
    ann.page.get_by_role("button", name="Deny").click()
    expect(ann.page.get_by_role("status")).to_contain_text("Denied")
    rita.goto(f"/tokens/{id_}")
    main = rita.page.get_by_role("main")
    expect(main).to_contain_text("Reading does not need all of it.")
    main.get_by_role("link", name="See what was asked").click()
    expect(main).to_contain_text("Ann denied it.")
    expect(main).to_contain_text("Its secret never works, and its place in your quota is free")
    rita.accessible()
    rita.shot("request-denied")
