"""Which form of which page an address is."""

from __future__ import annotations

import re

from counterfoil.web.pages import PAGES


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


SENT = {page.path: _pattern(page.path) for page in PAGES if page.method == "POST"}
"""Where forms go, each path of a page with the addresses that it stands for."""
