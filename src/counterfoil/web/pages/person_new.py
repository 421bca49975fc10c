"""Inviting somebody: who they are and what they may do; and their one-time code, shown once."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.enroll import enroll
from counterfoil.directory.show import list_users
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.signin.invite import Invited, awaited, invite
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.sent_once import key_of, sent_once
from counterfoil.web.views.code_page import reveal_code
from counterfoil.web.views.person_page import PART, look, person_in
from counterfoil.web.views.role_choice import lendable, no_such_role, roles_in

_NEW: Final = "/people/new"
_CODE: Final = "/people/{id}/code"
_TITLE: Final = N_("Invite somebody")
_CODE_TITLE: Final = N_("New one-time code")
SERVICE: Final = "service"


def blank(visit: Visit) -> Answer:
    """Show the form, with the roles that one may hand out."""
    with visit.read() as work:
        list_users(work, Wanted(1))
        roles = lendable(work)
    named = [(str(role.id), role.name, "") for role in roles]
    return visit.show("person_new", roles=named, once=key_of(visit))


def create(visit: Visit) -> Answer:
    """Enrol somebody, and show the code by which they come in, if they need one."""
    form, come, made = visit.form, list[UserId](), list[tuple[UserId, Invited]]()
    email = None if form.text("kind") == SERVICE else form.text("email")

    def make(asked: Asked) -> int:
        with asked.work() as work:
            person = enroll(work, Newcomer(form.text("name"), email), roles_in(form))
            if awaited(work, person):
                made.append((person.user.id, invite(work, person.user.id)))
        come.append(person.user.id)
        return person.user.id

    try:
        before = sent_once(visit, make)
    except Invalid as error:
        raise _beside_its_field(error) from error
    if made:
        user, invited = made[0]
        return reveal_code(visit, user, form.text("name").strip(), invited)
    id_ = come[0] if before is None else before
    return visit.go(f"/people/{id_}", Notice(visit.say("They belong to the organization now.")))


def ask(visit: Visit) -> Answer:
    """Say what another code takes away."""
    with visit.read() as work:
        page = look(work, visit)
    if not page.may:
        return visit.go(page.path)
    return visit.show("person_code", title=visit.say(_CODE_TITLE), page=page)


def renew(visit: Visit) -> Answer:
    """Give a member a code in the place of what they signed in by, and show it."""
    with visit.work() as work:
        made = invite(work, person_in(visit))
        page = look(work, visit)
    return reveal_code(visit, person_in(visit), page.view.name, made)


def _beside_its_field(error: Invalid) -> Invalid:
    if "/roles/" not in (error.field or ""):
        return error
    return no_such_role() if error.code is Code.INVALID_FIELD else error


PAGES: Final = (
    Page("GET", _NEW, blank, _TITLE, "user.list", also=("role.list",), fresh=True),
    Page(
        "POST",
        _NEW,
        create,
        _TITLE,
        operation="user.enroll",
        also=("user.invite", "user.list", "role.list"),
        form=blank,
    ),
    Page("GET", _CODE, ask, _CODE_TITLE, "account.show", parts=(PART,), fresh=True),
    Page(
        "POST",
        _CODE,
        renew,
        _CODE_TITLE,
        operation="user.invite",
        also=("account.show",),
        parts=(PART,),
        form=ask,
    ),
)
