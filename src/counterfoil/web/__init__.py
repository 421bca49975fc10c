"""The pages: what people see of Counterfoil, rendered here, over the same verbs as the API.

`pages/` has a file for each page, with its template beside it, and the table of them. `front.py`
is what holds for all of them.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Route
from counterfoil.web import front, statics
from counterfoil.web.pages import NOWHERE, PAGES
from counterfoil.web.shell import framing

ROUTES: Final[tuple[Route, ...]] = (*front.routes(PAGES), statics.ROUTE)
"""What the office serves to people."""

UNKNOWN: Final = front.route(NOWHERE, framing(PAGES))
"""What a browser is shown at an address that is none."""
