"""Signing in by a certified OpenID provider as it comes, on its own forms, over HTTP."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urljoin

import httpx2
import pytest

from infra.openid_provider import serving_with_provider
from infra.server import Server
from infra.wait import wait_until
from support.provider_browser import START, Browser, href
from support.sample import Sample, Talker


@pytest.fixture(scope="module")
def server(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server on the sample, and the provider that it is told of."""
    home = tmp_path_factory.mktemp("openid")
    shutil.copytree(seeded.directory, home / "data")
    with serving_with_provider(home / "data") as running:
        yield running


@pytest.fixture
def browser(server: Server) -> Iterator[Browser]:
    with httpx2.Client(trust_env=False, timeout=20) as http:
        yield Browser(server, http)


def test_a_person_signs_in_by_a_real_provider(seeded: Sample, server: Server) -> None:
    """Linked once by a person who is signed in, the account signs them in from then on (S48)."""
    admin = seeded.told["people"][0]
    with httpx2.Client(trust_env=False, timeout=20) as http:
        browser = Browser(server, http)
        assert "Acme" in http.get(f"{server.url}/signin").text
        entered = {"email": admin["email"], "password": admin["password"]}
        assert browser.at("/signin", **entered).status_code == HTTPStatus.SEE_OTHER
        linked = browser.agree(browser.link(), "ada")
        assert linked.status_code == HTTPStatus.OK, linked.text
    with httpx2.Client(trust_env=False, timeout=20) as http:
        browser = Browser(server, http)
        assert not browser.is_signed_in()
        came = browser.agree(browser.at(START, next="/oauth/authorize?x=1"), "ada")
        assert (came.status_code, href(came)) == (HTTPStatus.OK, "/oauth/authorize?x=1")
        assert browser.is_signed_in()
        again = browser.agree(browser.at(START), "ada")  # the provider asks anew: max_age=0
        assert again.status_code == HTTPStatus.OK, again.text


def test_an_answer_is_good_once_at_a_real_provider(browser: Browser) -> None:
    """An address that signed somebody in, or failed to, does neither a second time (S48)."""
    refused = browser.agree(browser.at(START), "nobody")
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert "is known by this account" in refused.text
    assert not browser.is_signed_in()
    again = browser.http.get(str(refused.url))
    assert (again.status_code, "begin anew" in again.text) == (HTTPStatus.UNAUTHORIZED, True)


def test_a_no_at_the_provider_is_a_no(browser: Browser) -> None:
    """Who presses cancel there is told so here, and is not signed in (S48)."""
    seen = browser.http.get(href(browser.at(START)), follow_redirects=True)
    abort = re.search(r'href="([^"]+/abort)"', seen.text)
    assert abort, seen.text
    there = urljoin(str(seen.url), abort[1])
    back = browser.http.get(there, follow_redirects=True)
    assert (back.status_code, "did not agree" in back.text) == (HTTPStatus.UNAUTHORIZED, True)


def test_who_is_let_in_nowhere_is_counted(seeded: Sample, server: Server, browser: Browser) -> None:
    """A refusal of whom nobody knows belongs to no trail: it is counted where it came from."""
    assert browser.http.get(f"{server.url}{START}/callback").status_code == HTTPStatus.UNAUTHORIZED
    talker = Talker(server.port).bearing(seeded.token("manager"))

    def counted() -> bool:
        told = talker("GET", "/cma/audit_refusals").body
        return '"status": 401' in json.dumps(told)

    wait_until(counted, "the refusal to be counted")
