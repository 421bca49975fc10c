"""A browser at the forms of a real provider, which signs in by it at the real server."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from infra.server import Server
from support.sample import Sample
from support.signin import CALLBACK, VERIFIER, asking

START = "/signin/oidc/acme"


@dataclass
class Browser:
    """Keeps cookies, follows redirects, fills forms in and goes where a page leads."""

    server: Server
    http: httpx2.Client

    def at(self, path: str, **form: str) -> httpx2.Response:
        """Send a form of ours, as our own page does."""
        own = {
            "sec-fetch-site": "same-origin",
            "origin": self.server.url,
            "accept": "text/html",
        }
        sent = {"next": "", **form}
        return self.http.post(f"{self.server.url}{path}", data=sent, headers=own)

    def link(self) -> httpx2.Response:
        """Press the button by which one wants to be known at the provider."""
        token = re.search(r'name="_form" value="([^"]+)"', self.http.get(self.server.url).text)
        assert token
        return self.at(f"{START}/link", _form=token[1])

    def agree(self, page: httpx2.Response, login: str) -> httpx2.Response:
        """Go on to the provider and do what its forms ask, until it has sent us back."""
        seen = self.http.get(href(page), follow_redirects=True)
        for fields in ({"login": login, "password": "any"}, {}):
            if str(seen.url).startswith(self.server.url):
                break
            action = re.search(r'<form[^>]*action="([^"]+)"', seen.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', seen.text)
            assert action, seen.text
            assert prompt, seen.text
            there = urljoin(str(seen.url), html.unescape(action[1]))
            sent = {"prompt": prompt[1], **fields}
            seen = self.http.post(there, data=sent, follow_redirects=True)
        assert str(seen.url).startswith(f"{self.server.url}{START}/callback"), seen.text
        return seen

    def is_signed_in(self) -> bool:
        """Say whether a client gets a code in this browser."""
        seen = self.http.get(f"{self.server.url}/oauth/authorize", params=asking())
        return "code=" in urlsplit(seen.headers["location"]).query


@contextmanager
def browsing(server: Server) -> Iterator[Browser]:
    with httpx2.Client(trust_env=False, timeout=20) as http:
        yield Browser(server, http)


@contextmanager
def by_password(server: Server, seeded: Sample, who: int = 0) -> Iterator[Browser]:
    """Sign somebody in by their password, at a browser that no script runs in."""
    person = seeded.told["people"][who]
    with browsing(server) as browser:
        entered = {"email": person["email"], "password": person["password"]}
        assert browser.at("/signin", **entered).status_code == 303
        yield browser


def bearer(browser: Browser) -> dict[str, str]:
    """Return what a client sends that is let in by this browser, in the sample's organization."""
    seen = browser.http.get(f"{browser.server.url}/oauth/authorize", params=asking())
    told = browser.http.post(
        f"{browser.server.url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": "counterfoil-cli",
            "code": httpx2.URL(seen.headers["location"]).params["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        },
    ).json()
    return {"Authorization": f"Bearer {told['access_token']}"}


def asked(server: Server, here: str, sent: dict[str, str], *, demand: bool | None = None) -> Any:
    """Read the policy with a credential, or set the demand."""
    url = f"{server.url}/cma/organizations/{here}/token_policy"
    sent = {**sent, "Counterfoil-Organization": here}
    with httpx2.Client(trust_env=False, timeout=20) as http:
        seen = http.get(url, headers=sent)
        if demand is None or seen.status_code != 200:
            return seen
        body = {"data": {"type": "token_policy", "attributes": {"provider_only": demand}}}
        return http.patch(url, json=body, headers={**sent, "If-Match": seen.headers["etag"]})


def code_of(seen: Any) -> tuple[int, str]:
    return seen.status_code, seen.json()["errors"][0]["code"]


def href(page: httpx2.Response) -> str:
    found = re.search(r'content="0; url=([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])
