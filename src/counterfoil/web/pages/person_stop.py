"""Offboarding: what stops, and what of it is in use, is said before somebody is shut out."""

from __future__ import annotations

from typing import Final

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import deactivate, end
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Conflict, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.operation import Work
from counterfoil.tokens.hand_over import hand_over
from counterfoil.tokens.preview_member import preview_end
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views import stopped
from counterfoil.web.views.api_token_form import everybody
from counterfoil.web.views.person_page import PART, look, person_in, version_in
from counterfoil.web.views.stakes_view import StakesView

_PATH: Final = "/people/{id}/offboard"
_TITLE: Final = N_("Offboard")
SHUT_OUT: Final = "shut_out"
END: Final = "end"
_ENDED: Final = N_("%(name)s belongs to the organization no more.")
_OUT: Final = N_("%(name)s is shut out. Their tokens answer 401 from now on.")
_OUT_LATE: Final = N_("%(name)s is shut out.")
_READS: Final = ("member.preview_end", "account.show", "user.list")


def ask(visit: Visit) -> Answer:
    """Say what would stop, and let somebody choose how far it goes."""
    last_admin, held = "", visit.caller.grant.scopes
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
        able = bool(held & Scope.TOKENS_MANAGE.bit and held & Scope.USERS_READ.bit)
        heirs = _heirs(work, person_in(visit)) if view and view.resting and able else ()
    return visit.show(
        "person_stop",
        title=visit.say(_TITLE),
        page=page,
        stakes=view,
        last_admin=last_admin,
        heirs=heirs,
    )


def _heirs(work: Work, leaver: UserId) -> list[tuple[str, str, bool]]:
    """Return who may lend their permissions instead: id, name, and whether they never leave.

    Service users come first.
    """
    others = [one for one in everybody(work) if one.member.active and one.user.id != leaver]
    named = [(str(one.user.id), one.name, one.user.kind == "service") for one in others]
    return sorted(named, key=lambda one: (not one[2], one[1].casefold()))


def give(visit: Visit) -> Answer:
    """Have what rests on a leaver rest on somebody else."""
    id_, to = person_in(visit), visit.form.text("to")
    try:
        heir = UserId(ids.read(Prefix.USER, to))
        with visit.work() as work:
            done = hand_over(work, id_, heir)
            name = directory.user(work.tx, heir).name
    except (NotFound, Invalid):
        raise Invalid(Code.INVALID_FIELD, N_("Choose who takes them over."), field="/to") from None
    said = visit.say("Handed over to %(name)s: %(count)d.", name=name, count=len(done))
    return visit.go(f"/people/{id_}/offboard", Notice(said))


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
        return visit.go("/people", *stopped.told(visit, work, _ENDED, _ENDED, name=name))
    return visit.go(f"/people/{id_}", *stopped.told(visit, work, _OUT, _OUT_LATE, name=name))


PAGES: Final = (
    Page("GET", _PATH, ask, _TITLE, "member.preview_end", also=_READS[1:], parts=(PART,)),
    Page(
        "POST",
        _PATH,
        stop,
        _TITLE,
        operation="member.deactivate",
        also=("member.end", *_READS),
        parts=(PART,),
        form=ask,
    ),
    Page(
        "POST",
        "/people/{id}/hand-over",
        give,
        _TITLE,
        operation="member.hand_over",
        also=("token.pass_on", *_READS),
        parts=(PART,),
        form=ask,
    ),
)
