"""One role: what it allows in a matrix, where, who holds it, and what a change would do at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from counterfoil.access.role import Role
from counterfoil.access.scope import NO_SCOPES, Scope
from counterfoil.directory import Sought, roles_told
from counterfoil.directory.define_role import create_role, duplicate_role, edit_role
from counterfoil.directory.show import list_roles, list_scopes, list_users, show_role
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel import ids
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import Prefix, RoleId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.preview_role import preview_role
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.roles import PATH
from counterfoil.web.sent_once import key_of, sent_once
from counterfoil.web.views import stopped
from counterfoil.web.views.person_page import version_in
from counterfoil.web.views.picker import pick
from counterfoil.web.views.role_choice import within_reach
from counterfoil.web.views.role_form import (
    Difference,
    blank,
    changed,
    difference,
    filled,
    hidden,
    is_step,
    matrices,
)
from counterfoil.web.views.stakes_view import StakesView

PART: Final = id_in("id", "The role.", Prefix.ROLE)
_ONE: Final = f"{PATH}/{{id}}"
_NEW: Final = f"{PATH}/new"
_TITLE: Final = N_("Role")
_NEW_TITLE: Final = N_("Create role")
_MOST_NAMED: Final = 20
_BUILT_IN: Final = N_(
    "A built-in role stays as it is: what it allows is the same in every organization, and grows "
    "with the product. Duplicate it, and change the copy."
)
_BEYOND: Final = N_("It reaches further than your own roles do: who does as much may change it.")
_SAVED: Final = N_("Saved. It holds from the next request on.")
_SAVED_LATE: Final = N_("Saved.")
_NOT_YOURS: Final = N_("You read roles and change none.")


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds a role: the first of them by name, and how many there are."""

    named: tuple[tuple[str, str], ...]
    total: int


def show(visit: Visit) -> Answer:
    """Show a role: as a form to who may change it, with what it would change."""
    with visit.read() as work:
        role = show_role(work, role_in(visit))
        words, locked = work.vocabulary(), locked_by(work, role)
        (role,) = roles_told(work, [role])
        if not visit.form.values:
            visit = replace(visit, form=Form(filled(role, words)))
        change, stakes, wrong = (None, None, "") if locked else _weighed(work, visit, role)
        scopes, holding = list_scopes(work), holders(work, role.id)
        picker = pick(work, visit.form)
    return visit.show(
        "role",
        title=role.name,
        role=role,
        locked=visit.say(locked) if locked else "",
        matrices=matrices(scopes, visit),
        picker=picker,
        change=change,
        stakes=stakes,
        wrong=wrong,
        holding=holding,
        action=f"{PATH}/{role.id}",
        may_copy=locked != _NOT_YOURS,
        once="",
    )


def new(visit: Visit) -> Answer:
    """Show the form for another role."""
    if not visit.form.values:
        visit = replace(visit, form=Form(blank()))
    with visit.read() as work:
        list_roles(work)  # who may not read roles is refused here
        scopes, picker = list_scopes(work), pick(work, visit.form)
    return visit.show(
        "role",
        title=visit.say(_NEW_TITLE),
        role=None,
        locked="",
        matrices=matrices(scopes, visit),
        picker=picker,
        change=None,
        stakes=None,
        wrong="",
        holding=None,
        action=_NEW,
        may_copy=False,
        once=key_of(visit),
    )


def create(visit: Visit) -> Answer:
    """Make the role; a form that is sent again makes no second one."""
    if is_step(visit.form):
        return new(visit)
    done: list[RoleId] = []

    def make(asked: Asked) -> int:
        with asked.work() as work:
            empty = Role(RoleId(0), work.caller.organization, "", NO_SCOPES)
            wish = changed(visit.form, work.vocabulary(), empty)
            done.append(create_role(work, wish.name, wish.scopes, wish.roots).id)
        return done[0]

    before = sent_once(visit, make)
    said = visit.say("The role is there. Give it to somebody on the page of their user.")
    return visit.go(f"{PATH}/{before or done[0]}", Notice(said))


def change_role(visit: Visit) -> Answer:
    """Change the role; what its holders and their tokens may do follows at once."""
    if is_step(visit.form):
        return show(visit)
    with visit.work() as work:
        edit_role(work, role_in(visit), partial(_filled_in, visit, work), version_in(visit))
    return visit.go(f"{PATH}/{role_in(visit)}", *stopped.told(visit, work, _SAVED, _SAVED_LATE))


def copy(visit: Visit) -> Answer:
    """Make a role like this one."""
    with visit.work() as work:
        made = duplicate_role(work, role_in(visit))
    said = visit.say("This is the copy: nobody holds it yet.")
    return visit.go(f"{PATH}/{made.id}", Notice(said))


def _filled_in(visit: Visit, work: Work, before: Role) -> Role:
    (told,) = roles_told(work, [before])
    return changed(visit.form, work.vocabulary(), told, hidden(work, told.roots))


def role_in(visit: Visit) -> RoleId:
    """Return which role the address names."""
    return RoleId(ids.read(Prefix.ROLE, visit.asked.params["id"]))


def locked_by(work: Work, role: Role) -> str:
    """Return why who looks may not change a role; empty if they may."""
    if not work.caller.grant.scopes & Scope.ROLES_MANAGE.bit:
        return _NOT_YOURS
    if role.built_in:
        return _BUILT_IN
    return "" if within_reach(work, [role]) else _BEYOND


def holders(work: Work, id_: RoleId) -> Holders | None:
    """Return who holds a role, for who may read members."""
    if not work.caller.grant.scopes & Scope.USERS_READ.bit:
        return None
    found = list_users(work, Wanted(_MOST_NAMED), Sought(role=id_, by_name=True))
    named = [(str(one.user.id), one.name) for one in found.items]
    return Holders(tuple(named), found.total or 0)


def _weighed(
    work: Work, visit: Visit, role: Role
) -> tuple[Difference | None, StakesView | None, str]:
    """Return what the form changes and what that would do, or what is wrong with it."""
    words = work.vocabulary()
    try:
        after = _filled_in(visit, work, role)
        told = difference(role, after, words)
        if not told.is_any:
            return None, None, ""
        stakes = preview_role(work, role.id, lambda _: after)
    except CounterfoilError as error:
        return None, None, visit.say(error.detail) if error.detail else str(error.code)
    return told, StakesView.of(stakes, words, visit), ""


_ALSO: Final = ("scope.list", "role.preview", "user.list", "node.list", "node.lineage")

PAGES: Final = (
    Page(
        "GET",
        _NEW,
        new,
        _NEW_TITLE,
        operation="role.list",
        also=("scope.list", "node.list", "node.lineage"),
    ),
    Page(
        "POST",
        _NEW,
        create,
        _NEW_TITLE,
        operation="role.create",
        also=("role.list", "scope.list", "node.list", "node.lineage"),
        form=new,
    ),
    Page("GET", _ONE, show, _TITLE, "role.show", also=_ALSO, parts=(PART,)),
    Page(
        "POST",
        _ONE,
        change_role,
        _TITLE,
        operation="role.edit",
        also=("role.show", *_ALSO),
        parts=(PART,),
        form=show,
    ),
    Page("POST", f"{_ONE}/preview", show, _TITLE, "role.show", also=_ALSO, parts=(PART,)),
    Page("POST", f"{_ONE}/duplicate", copy, _TITLE, "role.duplicate", parts=(PART,)),
)
