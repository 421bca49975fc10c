"""What changes by itself on an open page: seen without a reload, and on record only when seen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from counterfoil.audit.record import entries
from infra.server import Server
from infra.wait import wait_until
from support.browse import At, signed_in
from support.raw_http import ask
from support.sample import Sample
from support.web import give_secret, seeder_of


def count(own: Path, operation: str) -> int:
    """Return how often the trail says that somebody performed an operation."""
    with closing(seeder_of(own)) as seeder, seeder.office.database.reading() as tx:
        query = select(func.count()).select_from(entries).where(entries.c.operation == operation)
        return tx.execute(query).scalar_one()


def answers(page: Page) -> list[str]:
    """Return what the open page hears when it asks whether it is as it was, from now on."""
    heard: list[str] = []
    page.on("response", lambda one: heard.append(one.text()) if "/live?" in one.url else None)
    return heard


def wait_while_open(page: Page, true: Callable[[], object], what: str) -> None:
    """Let an open page be, with somebody there, until something holds."""

    def then() -> object:
        page.keyboard.press("Shift")
        page.clock.run_for(4_000)
        return true()

    wait_until(then, what)


def test_an_open_page_leaves_no_trail(browse: Callable[..., At], own: Path) -> None:
    """A list of tokens that stands open puts nothing on record while nothing new is seen (X2)."""
    at = browse("Ann")
    at.page.clock.install()
    heard = answers(at.page)
    before, after = count(own, "token.offer"), count(own, "policy.show")
    at.goto("/tokens")
    wait_until(lambda: count(own, "token.offer") == before + 1, "the look to be on record")
    seen = count(own, "token.list")
    wait_while_open(at.page, lambda: len(heard) > 2, "the page to ask three times")
    assert set(heard) == {"same"}
    at.page.request.get("/policy")
    wait_until(lambda: count(own, "policy.show") == after + 1, "what came later to be on record")
    assert count(own, "token.list") == seen


def test_what_is_new_is_shown(browse: Callable[..., At], own: Path, house: Server) -> None:
    """The first use of a token stands on its open page a moment later, without a reload (G12g)."""
    id_, secret = give_secret(own, "Ann", "watched")
    at = browse("Ann")
    at.page.clock.install()
    heard = answers(at.page)
    at.goto(f"/content-api-manager/{id_}")
    cell = at.page.locator("[data-live='delivery']")
    expect(cell).to_have_text("never")
    wait_while_open(at.page, lambda: heard, "the page to ask")
    assert set(heard) == {"same"}
    bearer = f"Authorization: Bearer {secret}"
    assert ask(house.port, "GET", "/cda/items", bearer).status == 200
    wait_while_open(at.page, lambda: cell.inner_text() != "never", "the use to be shown")
    assert "new" in heard


def test_a_mark_is_good_for_one_person(
    browse: Callable[..., At], house: Server, seeded: Sample
) -> None:
    """Nobody asks by what others were shown, nor by a mark of their own making (S35, I6)."""
    at = browse("Ann")
    at.goto("/tokens")
    mark = at.page.locator("[data-mark]").get_attribute("data-mark")
    assert mark

    def asked(name: str | None, said: str) -> int:
        cookie = () if name is None else (f"Cookie: counterfoil={value(name)}",)
        return ask(house.port, "GET", f"/live?seen={quote(said)}", *cookie).status

    def value(name: str) -> str:
        return str(signed_in(house, seeded, name)["value"])

    assert asked("Ann", mark) == 200
    assert asked("Ben", mark) == 400
    assert asked(None, mark) == 303
    for wrong in ("", "x", mark[:-2], mark[::-1]):
        assert asked("Ann", wrong) == 400
