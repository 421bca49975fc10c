"""A provider of some organizations, at real servers that begin one after the other, each by a file.

Ann comes in by Acme once, while it is one of the whole installation, and stays signed in. She
administers two organizations: the sample's asks for a provider, and Bolt does not.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from counterfoil.app import by_hand
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.runtime.settings import Settings
from infra.openid_provider import providing, told_of
from infra.server import serving
from infra.wait import free_port, wait_until
from support.provider_browser import Browser, asked, bearer, code_of
from support.provider_only import demand
from support.sample import Sample

OTHER = "Bolt"
SAID = "asks that you sign in at your provider"


@dataclass
class Ann:
    """Signed in at Acme, with a browser and a client that stay as they are."""

    data: Path
    issuer: str
    here: str
    there: str
    browser: Browser
    client: dict[str, str]

    @property
    def elsewhere(self) -> str:
        """What a file says of Acme that counts in the other organization, and of Harbour."""
        return f"""organizations = ["org_{self.there}"]
[harbour]
label = "Harbour"
issuer = "https://login.harbour.test"
client_id = "counterfoil"
organizations = ["org_{self.here}"]
"""

    @contextmanager
    def under(self, more: str) -> Iterator[Browser]:
        """Begin a server whose file says so of Acme, and go on there."""
        with told_of(self.data, self.issuer, more) as server:
            yield replace(self.browser, server=server)

    def places(self, browser: Browser) -> dict[str, dict[str, Any]]:
        """Return what a client is told of the organizations, by their ids."""
        seen = browser.http.get(f"{browser.server.url}/cma/organizations", headers=self.client)
        return {one["id"]: one for one in seen.json()["data"]}

    def done(self, browser: Browser, here: str, operation: str) -> list[str | None]:
        """Return the notes of what was done, the latest first, in the trail of an organization."""
        trail = f"{browser.server.url}/cma/audit_events?filter[operation]={operation}"
        sent = {**self.client, "Counterfoil-Organization": here}
        told = browser.http.get(trail, headers=sent).json()["data"]
        return [one["attributes"]["note"] for one in told]


@pytest.fixture(scope="module")
def ann(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ann]:
    data = tmp_path_factory.mktemp("openid-bounded") / "data"
    shutil.copytree(seeded.directory, data)
    here = str(seeded.told["organization"]["id"])
    email = seeded.told["people"][0]["email"]
    made = by_hand.create(Settings(data_dir=data), OTHER, "default", Newcomer("Ann", email))
    issuer = f"http://127.0.0.1:{(port := free_port())}"
    with httpx2.Client(trust_env=False, timeout=20) as http:
        with told_of(data, issuer) as server, providing(port, issuer, server, data.parent):
            browser = Browser(server, http)
            known = {"email": email, "password": seeded.told["people"][0]["password"]}
            assert browser.at("/signin", **known).status_code == 303
            assert browser.agree(browser.link(), "ada").status_code == 200
            demand(data, int(here))
            client = bearer(browser)
            assert asked(server, here, client).status_code == 200
        yield Ann(data, issuer, here, str(made.founded.organization.id), browser, client)


def test_a_provider_of_another_organization_opens_this_one_no_more(ann: Ann) -> None:
    """It holds as soon as a server begins with such a file: at the pages, and for a client (S48).

    What Acme counts in is open as before, and the page leads to the provider that counts here.
    """
    with ann.under(ann.elsewhere) as browser:
        page = browser.http.get(f"{browser.server.url}/tokens")
        assert (page.status_code, SAID in page.text) == (403, True)
        assert re.findall(r"Sign in with (\w+)", page.text) == ["Harbour"]
        assert re.findall(r'name="organization" value="(\d+)"', page.text) == [ann.there]
        refused = asked(browser.server, ann.here, ann.client)
        assert code_of(refused) == (403, "PROVIDER_REQUIRED")
        assert asked(browser.server, ann.there, ann.client).status_code == 200
        told = ann.places(browser)
        assert told.keys() == {ann.here, ann.there}
        facts = told[ann.here]["attributes"]
        assert (facts["provider_required"], facts["created_at"]) == (True, None)
        assert told[ann.here]["relationships"]["root"]["data"] is None
        assert not told[ann.there]["attributes"]["provider_required"]
        wait_until(
            lambda: bool(ann.done(browser, ann.there, "organization.list")),
            "it to be on record where Ann may act",
        )


def test_nobody_signs_in_again_who_may_go_on(ann: Ann) -> None:
    """A file under which Acme counts here again opens at once what is signed in still (S48)."""
    with ann.under(ann.elsewhere) as browser:
        assert browser.http.get(f"{browser.server.url}/tokens").status_code == 403
    with ann.under(f'organizations = ["org_{ann.here}", "org_{ann.there}"]') as browser:
        page = browser.http.get(f"{browser.server.url}/tokens")
        assert (page.status_code, SAID in page.text) == (200, False)
        assert ann.done(browser, ann.here, "provider.heed")[:2] == ["acme", "harbour"]
        assert not ann.done(browser, ann.here, "organization.list")


def test_a_provider_that_is_named_no_more_vouches_nowhere(ann: Ann) -> None:
    """Whom it let in has come by none, from the beginning of a server without it (S48)."""
    with ann.under("") as browser:
        assert asked(browser.server, ann.here, ann.client).status_code == 200
    with serving(ann.data) as server:
        refused = asked(server, ann.here, ann.client)
        assert code_of(refused) == (403, "PROVIDER_REQUIRED")
        page = ann.browser.http.get(f"{server.url}/tokens")
        assert (page.status_code, "Sign in with" in page.text) == (403, False)
        assert "knows no provider any more" in page.text
