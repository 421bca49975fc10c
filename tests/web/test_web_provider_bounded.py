"""An organization that asks for a provider, where not every one counts, at a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from counterfoil import directory
from counterfoil.app.by_hand import opened
from counterfoil.runtime.settings import Settings
from infra.openid_provider import told_of
from infra.server import Server
from support.apart import apart
from support.browse import NARROW, At
from support.provider_only import demand

NOWHERE = "http://127.0.0.1:9"
BOUNDED = """organizations = ["org_1000000000000009"]
[harbour]
label = "Harbour"
issuer = "https://login.harbour.test"
client_id = "counterfoil"
organizations = ["org_{here}"]
"""


@contextmanager
def one_of_two(data: Path) -> Iterator[Server]:
    """Serve the sample, whose organization asks for a provider: Harbour counts there, not Acme."""
    with opened(Settings(data_dir=data)) as office, office.database.reading() as tx:
        [here] = directory.organization_ids(tx)
    demand(data, here)
    with told_of(data, NOWHERE, BOUNDED.format(here=here)) as server:
        yield server


own, tokens, house = apart(one_of_two)


def test_the_page_leads_to_the_provider_that_counts(browse: Callable[..., At]) -> None:
    """Whoever is kept out is shown no way that would not let them in (S48, E-A11Y)."""
    rita = browse("Rita")
    rita.goto("/tokens")
    expect(rita.page.get_by_role("heading", level=1)).to_have_text("Sign in at your provider")
    ways = rita.page.get_by_role("main").get_by_role("button", name="Sign in with")
    expect(ways).to_have_count(1)
    expect(ways).to_have_text("Sign in with Harbour")
    rita.accessible()
    rita.shot("provider-bounded")
    narrow = browse("Ben", viewport=NARROW, java_script_enabled=False, locale="de-DE")
    narrow.goto("/tokens")
    expect(narrow.page.get_by_role("main").locator(".button.primary")).to_contain_text("Harbour")
    narrow.fits()
    narrow.shot("provider-bounded-narrow")
