"""What one was told of one's tokens and of requests, and what of it comes by mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING
from counterfoil.jsonapi.route import Answer
from counterfoil.notices.choose import choose, show_choice
from counterfoil.notices.model import CHOOSABLE, TITLE, Kind, Notice
from counterfoil.notices.place import place
from counterfoil.notices.read import list_notices, read_all
from counterfoil.web import crumbs
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice as Said
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.notice_said import notice_said

_PATH: Final = "/notices"
_TITLE: Final = N_("Notices")
_MAIL: Final = "mail"

TITLES: Final = MappingProxyType(
    {**TITLE, Kind.TOKEN_EXPIRING: N_("Your token %(name)s ends soon")}
)
CHOICES: Final = MappingProxyType(
    {
        Kind.REQUEST_REMINDED: N_("Somebody reminds you of a request"),
        Kind.REQUEST_UNHEARD: N_("Nobody is there to approve"),
        Kind.REQUEST_APPROVED: N_("A request is approved"),
        Kind.REQUEST_DENIED: N_("A request is denied"),
        Kind.REQUEST_LAPSED: N_("A request has lapsed"),
        Kind.TOKEN_EXPIRING: N_("A token ends soon"),
        Kind.TOKEN_EXPIRED: N_("A token has ended"),
        Kind.POLICY_CHANGED: N_("A new policy would not allow a token"),
        Kind.DIGEST: N_("Once a day: which requests wait for you"),
    }
)
_URGENT: Final = frozenset(
    {
        Kind.TOKEN_LEAKED,
        Kind.TOKEN_FLAGGED,
        Kind.TOKEN_REVOKED,
        Kind.REQUEST_DENIED,
        Kind.TOKEN_EXPIRING,
        Kind.SECOND_FACTOR_REMOVED,
        Kind.SECOND_FACTOR_GUESSED,
    }
)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as it is read; `path` leads to what it is about."""

    title: str
    said: str
    path: str
    at: datetime
    unread: bool
    urgent: bool

    @classmethod
    def of(cls, one: Notice, visit: Visit) -> NoticeView:
        """Return what is shown of a notice."""
        facts = {"name": "", "requester": visit.say(N_("Somebody")), **one.facts}
        return cls(
            title=visit.say(TITLES[one.kind], **facts),
            said=notice_said(one, visit.say),
            path=place(one),
            at=one.created_at,
            unread=one.read_at is None,
            urgent=one.kind in _URGENT and one.settled_at is None,
        )


def show(visit: Visit) -> Answer:
    """List what one was told, the latest first."""
    asked = visit.asked
    with visit.read() as work:
        found = list_notices(work, cursor.wanted(asked, _PATH), unread=False)
        by_mail = show_choice(work)
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, _PATH, found.after)
        further = crumbs.address(_PATH, {}, {"page[after]": (after,)})
    return visit.show(
        "notices",
        rows=[NoticeView.of(one, visit) for one in found.items],
        total=found.total or 0,
        further=further,
        choices=[(str(kind), visit.say(CHOICES[kind]), "") for kind in CHOOSABLE],
        chosen=[str(kind) for kind in CHOOSABLE if by_mail[kind]],
    )


def mark(visit: Visit) -> Answer:
    """Mark all as read."""
    with visit.work() as work:
        read_all(work)
    return visit.go(_PATH)


def keep(visit: Visit) -> Answer:
    """Keep what comes by mail."""
    wanted = {str(kind): visit.form.ticked(_MAIL, str(kind)) for kind in CHOOSABLE}
    with visit.work() as work:
        choose(work, wanted)
    return visit.go(_PATH, Said(visit.say(N_("Kept: these come by mail from now on."))))


_TO_SHOW: Final = ("notice.list", "notice.show_choice")

PAGES: Final = (
    Page("GET", _PATH, show, _TITLE, operation="notice.list", also=_TO_SHOW[1:], query=PAGING),
    Page("POST", f"{_PATH}/read", mark, _TITLE, operation="notice.read_all"),
    Page("POST", f"{_PATH}/mail", keep, _TITLE, operation="notice.choose"),
)
