"""Whether something would stand otherwise on a page that is open: see `views/live.py`."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.web.language import N_
from counterfoil.web.page import HTML, Page, Visit
from counterfoil.web.views import live

SAME: Final = "same"
NEW: Final = "new"


def ask(visit: Visit) -> Answer:
    """Answer one word, for the script of an open page."""
    word = NEW if live.has_changed(visit, visit.asked.query.text(live.SEEN) or "") else SAME
    return Answer(200, word.encode(), {"Content-Type": HTML, "Cache-Control": "no-store"})


PAGES: Final = (
    Page(
        "GET",
        live.PATH,
        ask,
        N_("Whether a page is as it was"),
        query=(Parameter(live.SEEN, "The mark of what the page shows.", required=True),),
    ),
)
