"""A browser at the forms of a real provider, which signs in by it at the real server."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx2

from infra.server import Server
from support.signin import asking

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


def href(page: httpx2.Response) -> str:
    found = re.search(r'content="0; url=([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])
