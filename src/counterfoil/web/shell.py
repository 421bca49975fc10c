"""The frame of a page for one person: what they may go to, and in which organizations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection

from counterfoil import directory, notices
from counterfoil.kernel.ids import UserId
from counterfoil.web.frame import Frame, Here, Link, Person, Place, Section
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.vendor_words import api_token

TOP: Final = ""
CONTENT: Final = N_("Content")
DEVELOPMENT: Final = N_("Development")
SYSTEM: Final = N_("System Management")
ACCOUNT: Final = N_("Account Management")

SECTIONS: Final = (TOP, CONTENT, DEVELOPMENT, SYSTEM, ACCOUNT)
"""The headings of the left bar, in order; only those under which somebody finds something."""


def framing(pages: Iterable[Page]) -> Callable[[Visit], Frame]:
    """Return what makes frames, with these pages to go to."""
    listed = sorted(
        (page for page in pages if page.nav is not None),
        key=lambda page: page.nav.place if page.nav else 0,
    )

    def frame(visit: Visit) -> Frame:
        if not visit.signed_in or visit.caller.user is None:
            return Frame()
        caller, user = visit.caller, visit.caller.user
        with visit.asked.office.database.reading() as tx:
            who = directory.user(tx, user)
            belongs = directory.memberships(tx, user)
            places = [directory.organization(tx, one.organization) for one in belongs if one.active]
            preset = directory.policy(tx, caller.organization).preset
            unread = notices.unread(tx, caller.organization, user)
            sections = _sections(visit, listed, tx, user)
        named = tuple(Place(str(one.id), one.name) for one in places)
        called = visit.say(api_token(preset))
        here = next(
            (Here(one.id, one.name, called) for one in named if one.id == str(caller.organization)),
            None,
        )
        person, invited = Person(who.name, who.email or ""), sum(one.invited for one in belongs)
        return Frame(person, here, named, sections, unread, invited)

    return frame


def _sections(
    visit: Visit, listed: Iterable[Page], tx: Connection, user: UserId
) -> tuple[Section, ...]:
    held = visit.caller.grant.scopes
    links: dict[str, list[Link]] = {}
    for page in listed:
        nav = page.nav
        if nav is None or (nav.needs is not None and not held & nav.needs.bit):
            continue
        waiting = nav.waiting(tx, visit.caller.organization, user) if nav.waiting else 0
        is_at = _is_at(visit.page.path, page.path)
        link = Link(visit.say(nav.label), page.path, nav.icon, is_at, waiting)
        links.setdefault(nav.section, []).append(link)
    return tuple(
        Section(visit.say(name) if name else "", tuple(links[name]))
        for name in SECTIONS
        if name in links
    )


def _is_at(here: str, path: str) -> bool:
    return here == path or (path != "/" and here.startswith(f"{path}/"))
