"""One member: who they are, how they sign in, their tokens, and other roles for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import assign, reactivate
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import CounterfoilError, Invalid
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.signin.login import sign_out
from counterfoil.tokens.preview_member import preview_roles
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.sought import Sought, Standing
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.tokens import Row, rows_of
from counterfoil.web.views import stopped
from counterfoil.web.views.person_page import PART, PersonPage, look, person_in, version_in
from counterfoil.web.views.role_choice import lendable, no_such_role, roles_in
from counterfoil.web.views.stakes_view import StakesView

_ONE: Final = "/people/{id}"
_TITLE: Final = N_("User")
_MOST_TOKENS: Final = 20
_LIVE: Final = Sought((Standing.PENDING, Standing.ACTIVE, Standing.DISABLED))


def show(visit: Visit) -> Answer:
    """Show a member, with the form for their roles to who may change them."""
    with visit.read() as work:
        page = look(work, visit)
        if not visit.form.values:
            visit = replace(visit, form=Form(_values(page)))
        roles = lendable(work) if page.may else []
        stakes, wrong = _weighed(work, visit, page) if page.may else (None, "")
        tokens = _tokens(work, page)
    return visit.show(
        "person",
        title=page.view.name,
        page=page,
        roles=[
            (str(role.id), role.name, visit.say(_BUILT_IN) if role.built_in else "")
            for role in roles
        ],
        stakes=stakes,
        wrong=wrong,
        tokens=tokens,
        trail=bool(visit.caller.grant.scopes & Scope.AUDIT_READ.bit),
        sees=bool(visit.caller.grant.scopes & Scope.CONTENT_READ.bit),
    )


_BUILT_IN: Final = N_("built in")
_HAS: Final = N_("%(name)s has these roles from the next request on.")
_HAS_LATE: Final = N_("%(name)s has these roles.")
_OUT: Final = N_("They are signed out everywhere.")


def change(visit: Visit) -> Answer:
    """Give the member other roles."""
    with visit.work() as work:
        try:
            done = assign(work, person_in(visit), roles_in(visit.form), version_in(visit))
        except Invalid as error:
            raise no_such_role() from error
    return visit.go(_path(visit), *stopped.told(visit, work, _HAS, _HAS_LATE, name=done.name))


def let_in(visit: Visit) -> Answer:
    """Let a member in again who was shut out."""
    with visit.work() as work:
        done = reactivate(work, person_in(visit), version_in(visit))
    said = visit.say("%(name)s may come in again. Tokens of before stay dead.", name=done.name)
    return visit.go(_path(visit), Notice(said))


def end_sessions(visit: Visit) -> Answer:
    """Sign a member out everywhere."""
    with visit.work() as work:
        sign_out(work, person_in(visit))
    return visit.go(_path(visit), *stopped.told(visit, work, _OUT))


def _path(visit: Visit) -> str:
    return f"/people/{person_in(visit)}"


def _values(page: PersonPage) -> dict[str, tuple[str, ...]]:
    member = page.account.person.member
    return {"roles": ("", *(str(role.id) for role in member.roles)), "version": (page.version,)}


def _weighed(work: Work, visit: Visit, page: PersonPage) -> tuple[StakesView | None, str]:
    """Return what the ticked roles would change, or what is wrong with them."""
    ticked = {str(one) for one in roles_in(visit.form)}
    held = {str(role.id) for role in page.account.person.member.roles}
    if ticked == held:
        return None, ""
    try:
        stakes = preview_roles(work, person_in(visit), roles_in(visit.form))
    except CounterfoilError as error:
        return None, visit.say(error.detail or str(error.code))
    return StakesView.of(stakes, work.vocabulary(), visit), ""


def _tokens(work: Work, page: PersonPage) -> list[Row] | None:
    """Return their live tokens, the newest first, for who may see them."""
    user = page.account.person.user.id
    if page.view.is_service or not work.caller.grant.scopes & Scope.TOKENS_APPROVE.bit:
        return None
    return rows_of(work, list_tokens(work, Wanted(_MOST_TOKENS), user, _LIVE).items)


_ALSO: Final = ("member.preview", "role.list", "token.list")

PAGES: Final = (
    Page("GET", _ONE, show, _TITLE, "account.show", also=_ALSO, parts=(PART,)),
    Page(
        "POST",
        f"{_ONE}/roles",
        change,
        _TITLE,
        operation="member.assign",
        also=("account.show", *_ALSO),
        parts=(PART,),
        form=show,
    ),
    Page(
        "POST",
        f"{_ONE}/roles/preview",
        show,
        _TITLE,
        operation="account.show",
        also=_ALSO,
        parts=(PART,),
    ),
    Page("POST", f"{_ONE}/reactivate", let_in, _TITLE, "member.reactivate", parts=(PART,)),
    Page("POST", f"{_ONE}/sign-out", end_sessions, _TITLE, "user.sign_out", parts=(PART,)),
)
