"""A person with a browser who goes to a provider and comes back."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from counterfoil.web.form import TOKEN, token_of
from support.issuer import Issuer
from support.signin import Seen, Visitor


@dataclass
class Traveller:
    """Signs in by a provider of the tests, as a browser does: form, provider, callback."""

    visitor: Visitor
    issuer: Issuer
    provider: str = "acme"

    def go(self, **form: str) -> Seen:
        """Press the button; what comes back leads to the provider."""
        return self.visitor.go("POST", f"/signin/oidc/{self.provider}", form=form)

    def go_to_link(self) -> Seen:
        """Press the button by which one wants to be known there, in the form of this session."""
        form = {TOKEN: token_of(self.visitor.cookies.get("counterfoil", ""))}
        return self.visitor.go("POST", f"/signin/oidc/{self.provider}/link", form=form)

    def back(self, provider: str | None = None, **query: str) -> Seen:
        """Come back to the callback."""
        there = f"/signin/oidc/{provider or self.provider}/callback"
        return self.visitor.go("GET", there, query=query)

    def sign_in(self, subject: str, **form: str) -> Seen:
        """Go there, agree, and come back."""
        left = self.go(**form)
        assert left.status == 200, left.body
        return self.back(**self.issuer.agreed(address(left), subject))

    def link(self, subject: str) -> Seen:
        """Have the account linked, being signed in."""
        left = self.go_to_link()
        assert left.status == 200, left.body
        return self.back(**self.issuer.agreed(address(left), subject))


def address(left: Seen) -> str:
    """Return where a page leads."""
    found = re.search(rb'content="0; url=([^"]+)"', left.body)
    assert found, left.body
    return html.unescape(found[1].decode())
