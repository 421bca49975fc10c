"""Deleting a role: what becomes of who holds it, and of what takes it, is said before."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.define_role import delete_role
from counterfoil.directory.show import show_role
from counterfoil.jsonapi.route import Answer
from counterfoil.tokens.preview_role import preview_role
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.role import PART, holders, locked_by, role_in
from counterfoil.web.pages.roles import PATH
from counterfoil.web.views import stopped
from counterfoil.web.views.person_page import version_in
from counterfoil.web.views.stakes_view import StakesView

_PATH: Final = f"{PATH}/{{id}}/delete"
_TITLE: Final = N_("Delete role")
_GONE: Final = N_("%(name)s is deleted.")


def ask(visit: Visit) -> Answer:
    """Say who holds it, and which tokens would do nothing more."""
    with visit.read() as work:
        role = show_role(work, role_in(visit))
        if locked_by(work, role):
            return visit.go(f"{PATH}/{role.id}")
        stakes = preview_role(work, role.id, None)
        view, holding = StakesView.of(stakes, work.vocabulary(), visit), holders(work, role.id)
    return visit.show("role_stop", title=visit.say(_TITLE), role=role, stakes=view, holding=holding)


def delete(visit: Visit) -> Answer:
    """Take the role away."""
    with visit.work() as work:
        gone = delete_role(work, role_in(visit), version_in(visit))
    return visit.go(PATH, *stopped.told(visit, work, _GONE, name=gone.name))


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        ask,
        _TITLE,
        operation="role.preview",
        also=("role.show", "user.list"),
        parts=(PART,),
    ),
    Page(
        "POST",
        _PATH,
        delete,
        _TITLE,
        operation="role.delete",
        also=("role.preview", "role.show", "user.list"),
        parts=(PART,),
        form=ask,
    ),
)
