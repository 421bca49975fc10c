"""An organization that asks for a provider, at a real provider, on its own forms, over HTTP.

Ann is known there as `ada`, and administers two organizations; Ben is known nowhere else.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from counterfoil.app import by_hand
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.runtime.settings import Settings
from infra.openid_provider import serving_with_provider
from infra.server import Server
from infra.wait import wait_until
from support.provider_browser import (
    START,
    Browser,
    asked,
    bearer,
    browsing,
    by_password,
    code_of,
)
from support.sample import Sample

OTHER = "Bolt"
SAID = "asks that you sign in at your provider"


@pytest.fixture(scope="module")
def data(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("openid-only")
    shutil.copytree(seeded.directory, home / "data")
    ann = seeded.told["people"][0]["email"]
    by_hand.create(Settings(data_dir=home / "data"), OTHER, "default", Newcomer("Ann", ann))
    return home / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    with serving_with_provider(data) as running:
        yield running


@contextmanager
def by_provider(server: Server) -> Iterator[Browser]:
    with browsing(server) as browser:
        assert browser.agree(browser.at(START), "ada").status_code == 200
        yield browser


@pytest.fixture(scope="module")
def here(seeded: Sample) -> str:
    return str(seeded.told["organization"]["id"])


@pytest.fixture(scope="module")
def known(server: Server, seeded: Sample) -> Server:
    """The server at which Ann is known by an account of the provider."""
    with by_password(server, seeded) as browser:
        assert browser.agree(browser.link(), "ada").status_code == 200
    return server


@pytest.fixture
def demanding(known: Server, here: str, data: Path) -> Iterator[Server]:
    """The server on which the sample's organization asks for a provider; the operator ends it."""
    with by_provider(known) as browser:
        assert asked(known, here, bearer(browser), demand=True).status_code == 200
    yield known
    assert by_hand.lift_provider(Settings(data_dir=data), f"org_{here}")[1]


def test_only_who_came_by_a_provider_demands_one(known: Server, seeded: Sample, here: str) -> None:
    """Whoever would be shut out by it themselves is told so at the field (S44)."""
    with by_password(known, seeded) as browser:
        refused = asked(known, here, bearer(browser), demand=True)
    assert code_of(refused) == (422, "INVALID_FIELD")
    source = refused.json()["errors"][0]["source"]
    assert source["pointer"] == "/data/attributes/provider_only"


def test_a_password_opens_the_organization_no_more(
    known: Server, seeded: Sample, here: str, data: Path
) -> None:
    """What a password began ends at the next request: pages, clients; and comes back with it.

    A client that was let in by the provider goes on, and so does every token (S44, S48).
    """
    with by_password(known, seeded) as browser, by_provider(known) as other:
        client, vouched = bearer(browser), bearer(other)
        token = {"Authorization": f"Bearer {seeded.token('personal')}"}
        assert browser.http.get(f"{known.url}/tokens").status_code == 200
        assert asked(known, here, client).status_code == 200
        assert asked(known, here, vouched, demand=True).status_code == 200
        page = browser.http.get(f"{known.url}/tokens")
        assert (page.status_code, SAID in page.text) == (403, True)
        assert "Sign in with Acme" in page.text
        assert code_of(asked(known, here, client)) == (403, "PROVIDER_REQUIRED")
        again = bearer(browser)
        assert code_of(asked(known, here, again)) == (403, "PROVIDER_REQUIRED")
        assert asked(known, here, vouched).status_code == 200
        assert asked(known, here, token).status_code == 200
        assert other.http.get(f"{known.url}/tokens").status_code == 200
        settings, name = Settings(data_dir=data), seeded.told["organization"]["name"]
        assert by_hand.lift_provider(settings, name) == (name, True)
        assert by_hand.lift_provider(settings, name) == (name, False)
        wait_until(lambda: asked(known, here, client).status_code == 200, "it to be open again")
        assert browser.http.get(f"{known.url}/tokens").status_code == 200


def test_the_page_leads_to_the_provider_and_back(
    demanding: Server, seeded: Sample, here: str
) -> None:
    """What was typed before waits on the way there, and goes on from where it was (E 3.14)."""
    with by_password(demanding, seeded) as browser:
        page = browser.http.get(f"{demanding.url}/tokens")
        form = re.search(r'name="_form" value="([^"]+)"', page.text)
        assert form
        typed = {"_form": form[1], "_place": here, "name": "kept meanwhile"}
        seen = browser.at("/tokens/new", **typed)
        assert (seen.status_code, SAID in seen.text) == (403, True)
        assert "Nothing that you typed is lost." in seen.text
        browser.agree(browser.at(START, next="/again/form"), "ada")
        shown = browser.http.get(f"{demanding.url}/again/form")
        assert "kept meanwhile" in shown.text


def test_another_organization_stays_open(demanding: Server, seeded: Sample) -> None:
    """Whoever is signed in otherwise acts elsewhere, and leaves, as ever."""
    with by_password(demanding, seeded) as browser:
        page = browser.http.get(f"{demanding.url}/")
        form = re.search(r'name="_form" value="([^"]+)"', page.text)
        places = dict(re.findall(r'name="organization" value="(\d+)">([^<]+)<', page.text))
        assert form
        assert list(places.values()) == [OTHER]
        [there] = places
        wrong = browser.at("/organization", _form=form[1], organization=str(int(there) + 1))
        assert wrong.status_code == 403
        assert browser.at("/organization", _form=form[1], organization=there).status_code == 303
        home = browser.http.get(f"{demanding.url}/")
        assert (home.status_code, OTHER in home.text) == (200, True)
    with by_password(demanding, seeded, who=1) as browser:
        page = browser.http.get(f"{demanding.url}/")
        form = re.search(r'name="_form" value="([^"]+)"', page.text)
        assert form
        assert browser.at("/signout", _form=form[1]).status_code == 303
        assert not browser.is_signed_in()


def test_no_password_adds_an_account_of_a_provider(demanding: Server, seeded: Sample) -> None:
    """Else whoever knows a password would link an account of their own, and come in by it (S48)."""
    with by_password(demanding, seeded, who=1) as browser:
        page = browser.http.get(f"{demanding.url}/")
        form = re.search(r'name="_form" value="([^"]+)"', page.text)
        assert form
        refused = browser.at(f"{START}/link", _form=form[1])
        assert (refused.status_code, SAID in refused.text) == (403, True)
        unknown = browser.agree(browser.at(START), "mallory")
        assert unknown.status_code == 401


def test_a_fresh_proof_comes_from_the_provider(demanding: Server, seeded: Sample) -> None:
    """Where one has to prove again who one is, no password is asked for, and none counts (S44)."""
    with by_provider(demanding) as browser:
        page = browser.http.get(f"{demanding.url}/again", params={"next": "/policy"})
        assert "Sign in with Acme" in page.text
        assert 'name="_password"' not in page.text
        form = re.search(r'name="_form" value="([^"]+)"', page.text)
        assert form
        person = seeded.told["people"][0]
        tried = {"_email": person["email"], "_password": person["password"]}
        refused = browser.at("/again", _form=form[1], next="/policy", **tried)
        assert (refused.status_code, SAID in refused.text) == (403, True)
        assert browser.http.get(f"{demanding.url}/policy").status_code == 200


def test_a_code_of_an_admin_lets_somebody_choose_the_provider(
    demanding: Server, data: Path, seeded: Sample
) -> None:
    """Whoever is known at no provider is given a code, takes it there, and is in (S9)."""
    rita = seeded.told["people"][2]["email"]
    _, invited = by_hand.invite(Settings(data_dir=data), rita)
    with browsing(demanding) as browser:
        browser.agree(browser.at(START, code=invited.code.reveal()), "rita")
        assert browser.http.get(f"{demanding.url}/tokens").status_code == 200
