"""Every form of every page, in a browser that runs no script.

Here pages are walked: each form has a button that is seen, goes to an address of ours, and is known
to be sent. Sent they are by the stories of `test_web_sent` and, where a form stands there only once
something has happened, of `test_web_moments`.
"""

from __future__ import annotations

from collections.abc import Callable

from counterfoil.web.pages import PAGES
from support.apart import apart
from support.browse import At
from support.forms import SENT
from support.sample import Sample
from web.test_web_moments import MOMENTS
from web.test_web_pages import SHOWN, address
from web.test_web_sent import STORIES

own, tokens, house = apart()  # elsewhere others have read the notices, and decided


_FORMS = """() => {
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  document.querySelectorAll("[popover]").forEach((one) => one.removeAttribute("popover"));
  const sends = (button) => button.type === "submit" && button.checkVisibility();
  return [...document.forms].map((form) => {
    const buttons = [...form.elements].filter((one) => one.tagName === "BUTTON" && sends(one));
    const to = (one) => one.getAttribute("formaction") ?? form.getAttribute("action");
    const ways = buttons.map((one) => new URL(to(one), document.baseURI).pathname);
    return {
      method: form.method,
      ways: [...new Set(ways)],
      ours: form.querySelector("[name=_form]") !== null,
      html: form.outerHTML.slice(0, 200),
    };
  });
}"""


_PUBLIC = {page.path for page in PAGES if page.public}
_PASSKEY = {
    "/settings/security/passkeys/new",
    *(path for path in SENT if path.endswith(("/passkey", "/passkey/begin", "/passkeys/begin"))),
}
"""What needs a script: an authenticator is asked by one."""

_OF_A_MOMENT = {path for paths in MOMENTS.values() for path in paths}
"""Forms that stand there only once something has happened."""

_SENT_BY_A_STORY = _OF_A_MOMENT | {path for paths in STORIES.values() for path in paths}
"""Forms that a story sends, and is held to it."""


def _ways(at: At, *, spared: bool = False) -> set[str]:
    """Return where the forms of a page go, each of which must go somewhere, and be ours (S45)."""
    reached: set[str] = set()
    for form in at.page.evaluate(_FORMS):
        if form["method"] != "post" or spared:
            continue
        leads = {path for path, one in SENT.items() for way in form["ways"] if one.fullmatch(way)}
        assert leads, f"{at.page.url}: {form['html']}"
        assert form["ours"] or leads <= _PUBLIC, f"{at.page.url}: {form['html']}"
        reached |= leads
    return reached


def test_every_form_is_sent_without_script() -> None:
    """For each form but a passkey's a story sends it with script off, and is held to that (S45)."""
    assert SENT.keys() - _PASSKEY == _SENT_BY_A_STORY - _PASSKEY


def test_every_form_can_be_sent_without_script(
    browse: Callable[..., At], tokens: dict[str, str], seeded: Sample
) -> None:
    """With script off each form has a button that is seen, goes somewhere, and is ours (S45)."""
    ann, ben, nobody = (
        browse(name, java_script_enabled=False, locale="de-DE") for name in ("Ann", "Ben", None)
    )
    browse("Ann")  # a second session, to be ended
    reached: set[str] = set()
    for page in SHOWN:
        at = nobody if page.path in {"/signin", "/setup", "/password"} else ann
        at.goto(address(page, tokens))
        reached |= _ways(at, spared=page.path in _PASSKEY)
    ann.goto(f"/tokens/{tokens['soon']}")
    reached |= _ways(ann)
    ben.goto(f"/tokens/{tokens['waiting']}/request")
    reached |= _ways(ben)
    ann.goto("/policy")
    ann.page.locator("form.policy .primary").click()
    reached |= _ways(ann)
    ann.goto("/leak-response")
    ann.page.locator("#text").fill(seeded.token("weak"))
    ann.page.locator("[data-leaks] .primary").click()
    reached |= _ways(ann)
    assert SENT.keys() - reached <= _OF_A_MOMENT | _PASSKEY
