"""Sample content, on and off: laid out by one button and taken away by another."""

from __future__ import annotations

from typing import Final

from counterfoil.content.sample import lay_out, show_sample, take_away
from counterfoil.jsonapi.route import Answer
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

_PATH: Final = "/content/sample"
_TITLE: Final = N_("Sample content")


def show(visit: Visit) -> Answer:
    """Show whether it is laid out, and what would go or stay."""
    with visit.read() as work:
        standing = show_sample(work)
    return visit.show("content_sample", standing=standing)


def on(visit: Visit) -> Answer:
    """Lay it out, and lead to where it stands."""
    with visit.work() as work:
        top = lay_out(work)
    said = visit.say(N_("The sample content is laid out."))
    return visit.go(f"/content?node={top.id}", Notice(said))


def off(visit: Visit) -> Answer:
    """Take it away, save for what was changed since."""
    with visit.work() as work:
        found = take_away(work)
    if found.going and found.kept:
        said = visit.say(N_("The sample content is in the trash, but for what was changed since."))
        return visit.go(_PATH, Notice(said, "warning"))
    if found.going:
        return visit.go(_PATH, Notice(visit.say(N_("The sample content is in the trash."))))
    said = visit.say(N_("Nothing of it was left to put into the trash."))
    return visit.go(_PATH, Notice(said, "neutral"))


PAGES: Final = (
    Page("GET", _PATH, show, _TITLE, "sample.show"),
    Page("POST", _PATH, on, _TITLE, "sample.lay_out", also=("sample.show",), form=show),
    Page(
        "POST",
        f"{_PATH}/away",
        off,
        _TITLE,
        operation="sample.take_away",
        also=("sample.show",),
        form=show,
    ),
)
