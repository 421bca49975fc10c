"""The first run of an installation: the link that a server prints, and the form behind it."""

from __future__ import annotations

import re

from infra.server import Server
from support.browse import At

LINK = re.compile(r"http://localhost:[0-9]+(/begin#(cfi_[0-9A-Za-z]{49}))")


def link(server: Server) -> str | None:
    """Return the link that a server printed when it started, without its host."""
    found = LINK.search(server.log.read_text())
    return None if found is None else found[1]


def fill_in(at: At, organization: str = "Harbour Press") -> None:
    """Name the organization and its admin."""
    at.page.get_by_role("textbox", name="Organization").fill(organization)
    at.page.get_by_label("Your name").fill("Ann")
    at.page.get_by_label("Your e-mail address").fill("ann@harbour.example")
