"""Leak response at a browser: pasted, looked at, stopped and noted, and the secret is nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import expect

from counterfoil import web
from counterfoil.secret import Kind
from infra.server import Server
from support.browse import NARROW, At
from support.sample import Talker
from support.web import give_secret

_WORDS = "What is it doing here? "


def report(house: Server, text: str) -> int:
    """Report a string as somebody does who is not signed in."""
    line = HTTPConnection("127.0.0.1", house.port, timeout=30)
    try:
        form = urlencode({"token": text, "url": "https://git.example.com/acme/site"})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", "/leaks", form, headers)
        return line.getresponse().status
    finally:
        line.close()


def test_a_leaked_token_is_stopped(browse: Callable[..., At], house: Server, own: Path) -> None:
    """Pasted among other text, a token shows whose it is, and is revoked with a note (S9, A24)."""
    id_, secret = give_secret(own, "Ann", "leaked-in-a-gist")
    bearer = Talker(house.port).bearing(secret)
    at = browse("Ann")
    page = at.page
    sent: list[str] = []
    page.on("request", lambda one: sent.append(f"{one.url} {one.post_data or ''}"))
    at.goto("/")
    page.get_by_role("link", name="Leak response").click()
    at.accessible()
    page.get_by_label("Token, or any text").fill(f"{_WORDS}export TOKEN={secret}\n")
    expect(page.get_by_text("One token stands in it")).to_be_visible()
    page.get_by_role("button", name="Whose is it?").click()
    card = page.locator("article.leak")
    expect(card).to_contain_text("leaked-in-a-gist")
    expect(card).to_contain_text("Ann")
    assert secret not in page.content()
    assert secret not in page.url
    assert not any("What+is+it" in one for one in sent)  # the token alone is sent
    at.accessible()
    at.shot("leak-card")
    assert bearer("GET", "/cma/token").status == 200
    card.get_by_label("A successor was made").check()
    card.get_by_label("What happened").fill("Seen in a public gist.")
    card.get_by_role("button", name="Revoke, for good").click()
    expect(page.get_by_role("status")).to_contain_text("revoked")
    assert bearer("GET", "/cma/token").status == 401
    expect(page.get_by_role("row", name="leaked-in-a-gist")).to_contain_text("public gist")
    at.goto(f"/audit?operation=leak.note&target=tok_{id_}")
    page.locator(".event summary").first.click()
    noted = "A successor was made. Seen in a public gist."
    expect(page.get_by_text(noted, exact=True)).to_be_visible()
    assert secret not in house.log.read_text()


def test_without_script_and_with_a_wrong_one(browse: Callable[..., At], own: Path) -> None:
    """Without script the server looks the text through; a typo is told from a stranger (S3)."""
    _, secret = give_secret(own, "Ann", "mistyped")
    at = browse("Ann", java_script_enabled=False, viewport=NARROW)
    page = at.page
    for text, told in (
        (secret[:-1] + ("0" if secret[-1] != "0" else "1"), "its checksum is wrong"),
        ("no token at all", "No token stands in that text"),
        (f"{_WORDS}{secret}", "mistyped"),
    ):
        at.goto("/leak-response")
        page.get_by_label("Token, or any text").fill(text)
        page.get_by_role("button", name="Whose is it?").click()
        expect(page.locator("#found")).to_contain_text(told)
        assert secret not in page.content()
        at.fits()
    page.get_by_role("button", name="Disable now").click()
    expect(page.get_by_role("status")).to_contain_text("switched off")


def test_a_file_is_read_in_the_browser(
    browse: Callable[..., At], own: Path, tmp_path: Path
) -> None:
    """Of a file the tokens alone leave the browser (S9)."""
    _, secret = give_secret(own, "Ann", "in-a-file")
    found = tmp_path / "settings.py"
    found.write_text(f"PASSWORD = 'hunter2'\nTOKEN = '{secret}'\n")
    at = browse("Ann")
    at.goto("/leak-response")
    at.page.locator("input[type=file]").set_input_files(found)
    expect(at.page.get_by_label("Token, or any text")).to_have_value(secret)
    at.page.get_by_role("button", name="Whose is it?").click()
    expect(at.page.locator("article.leak")).to_contain_text("in-a-file")


def test_a_report_from_outside(browse: Callable[..., At], house: Server, own: Path) -> None:
    """Anybody reports a token; it is switched off, flagged, and stands in the feed (S15)."""
    id_, secret = give_secret(own, "Ann", "found-by-a-stranger")
    assert report(house, secret) == report(house, "cfp_nothing") == 202
    assert Talker(house.port).bearing(secret)("GET", "/cma/token").status == 401
    at = browse("Ann")
    at.goto("/leak-response")
    row = at.page.get_by_role("row", name="found-by-a-stranger")
    expect(row).to_contain_text("Switched off")
    expect(row).to_contain_text("git.example.com")
    at.accessible()
    at.shot("leaks")
    at.goto(f"/content-api-manager/{id_}")
    expect(at.page.get_by_text("Leaked", exact=False).first).to_be_visible()
    at.goto("/notices")
    told = at.page.get_by_text("The token found-by-a-stranger has leaked")
    expect(told.first).to_be_visible()


def test_who_may_not_approve_sees_no_leaks(browse: Callable[..., At]) -> None:
    """A developer is led to no leak response, and at the address is refused (X6)."""
    at = browse("Ben")
    at.goto("/")
    expect(at.page.get_by_role("link", name=re.compile("Leak"))).to_have_count(0)
    seen = at.page.goto(f"{at.url}/leak-response")
    assert seen is not None
    assert seen.status == 403


def test_the_browser_knows_every_kind() -> None:
    """What is a token's form to the server is one to the browser, of whatever kind (S15)."""
    script = (Path(web.__file__).parent / "static" / "leaks.js").read_text()
    (letters,) = re.findall(r"\{2,8\}\[([a-z]+)\]_", script)
    assert set(letters) == {kind.value for kind in Kind}
