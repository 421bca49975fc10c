"""Offboarding: what stops, and what of it is in use, is said before somebody is shut out."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.enroll import deactivate, end
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.tokens.preview_member import preview_end
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.person_page import PART, look, person_in, version_in
from counterfoil.web.views.stakes_view import StakesView

_PATH: Final = "/people/{id}/offboard"
_TITLE: Final = N_("Offboard")
SHUT_OUT: Final = "shut_out"
END: Final = "end"


def ask(visit: Visit) -> Answer:
    """Say what would stop, and let somebody choose how far it goes."""
    last_admin = ""
    with visit.read() as work:
        page = look(work, visit)
        if not page.may:
            return visit.go(page.path)
        try:
            stakes = preview_end(work, person_in(visit))
            view = StakesView.of(stakes, work.vocabulary(), visit)
        except Conflict as error:
            if error.code is not Code.LAST_ADMIN:
                raise
            view, last_admin = None, visit.say(error.detail) if error.detail else str(error.code)
    return visit.show(
        "person_stop", title=visit.say(_TITLE), page=page, stakes=view, last_admin=last_admin
    )


def stop(visit: Visit) -> Answer:
    """Shut a member out, or end their membership."""
    deed, id_ = visit.form.text("deed"), person_in(visit)
    if deed not in {SHUT_OUT, END}:
        raise Invalid(Code.INVALID_FIELD, N_("Choose one of the two."), field="/deed")
    with visit.work() as work:
        verb = end if deed == END else deactivate
        done = verb(work, id_, version_in(visit))
    name = done.name
    if deed == END:
        said = visit.say("%(name)s belongs to the organization no more.", name=name)
        return visit.go("/people", Notice(said))
    said = visit.say("%(name)s is shut out. Their tokens answer 401 from now on.", name=name)
    return visit.go(f"/people/{id_}", Notice(said))


PAGES: Final = (
    Page("GET", _PATH, ask, _TITLE, "member.preview_end", also=("account.show",), parts=(PART,)),
    Page(
        "POST",
        _PATH,
        stop,
        _TITLE,
        operation="member.deactivate",
        also=("member.end", "member.preview_end", "account.show"),
        parts=(PART,),
        form=ask,
    ),
)
