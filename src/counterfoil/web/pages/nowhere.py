"""The page at an address that is none."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit


def show(_visit: Visit) -> Answer:
    """Say that there is nothing."""
    raise NotFound(
        Code.NOT_FOUND, N_("No page has this address. It may have moved, or be misspelt.")
    )


PAGE: Final = Page("GET", "/nowhere", show, N_("There is nothing here"), public=True)
