"""One Content API Token: what it is, editing it under a lock, another secret, its end (Q3-Q14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from counterfoil.access.roots import Roots
from counterfoil.directory.show import show_policy
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.operation import Work
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.api_token_lock import lock_api_token, release_api_token
from counterfoil.tokens.api_token_show import show_api_token
from counterfoil.tokens.flag import dismiss_api_flags
from counterfoil.tokens.model import Token
from counterfoil.tokens.show_usage import show_api_usage
from counterfoil.tokens.steps.authority import shows_drafts, unread_roots
from counterfoil.tokens.steps.last_use import former_secrets
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.api_manager import ID, PATH, token_in
from counterfoil.web.views import live, stopped
from counterfoil.web.views.api_token_form import candidates, filled, is_step, version_in, wish_in
from counterfoil.web.views.api_token_view import node_names, root_paths, roots_told, views
from counterfoil.web.views.flag_said import DISMISSED
from counterfoil.web.views.picker import pick
from counterfoil.web.views.secret_page import DRAFTS, reveal_api_token
from counterfoil.web.views.token_use import BACK, range_in, use_of

_ONE: Final = f"{PATH}/{{id}}"
_EDIT: Final = f"{_ONE}/edit"
_TITLE: Final = N_("API token")
_READS: Final = ("node.list", "node.lineage", "user.list", "role.list")
GRACES: Final = MappingProxyType(
    {
        "now": timedelta(0),
        "quarter": timedelta(minutes=15),
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(days=7),
    }
)
"""How long the old secret may live on beside a new one."""


def show(visit: Visit) -> Answer:
    """Show a token, how it was used, and what can be done with it."""
    with visit.read() as work:
        token = show_api_token(work, token_in(visit))
        seen = views(work, [token])[0]
        rules, paths = show_policy(work), root_paths(work, token)
        unread = unread_roots(work, token)
        conditions = token.grant_in(work.caller.organization).bounds.conditions
        former = former_secrets(work, token.id)
        report = show_api_usage(work, token.id, range_in(visit))
        mark = live.replaced(token.id, seen.used.last, former)
    return visit.show(
        "api_token",
        title=seen.name,
        token=seen,
        mark=live.sealed(visit, mark),
        paths=paths,
        unread=[where for where, node in paths if node in unread],
        conditions=conditions,
        cascade=rules.cascade,
        may_regenerate=rules.regenerate_allowed,
        former=former,
        use=use_of(report),
        drafts=visit.say(DRAFTS),
    )


def lock(visit: Visit) -> Answer:
    """Begin to edit: from now on nobody else saves (Q14)."""
    with visit.work() as work:
        found = lock_api_token(work, token_in(visit))
    return visit.go(f"{PATH}/{found.id}/edit")


def release(visit: Visit) -> Answer:
    """Release the asset locks."""
    id_ = token_in(visit)
    with visit.work() as work:
        release_api_token(work, id_)
    return visit.go(f"{PATH}/{id_}", Notice(visit.say("The asset locks are released.")))


def edit(visit: Visit) -> Answer:
    """Show the form of a token; whoever does not have its lock is shown who has."""
    with visit.read() as work:
        token = show_api_token(work, token_in(visit))
        if not visit.form.values:
            visit = replace(visit, form=Form(filled(work, token)))
        seen = views(work, [token])[0]
        people, tree = candidates(work), pick(work, visit.form)
        hidden = _hidden(work, token) or frozenset()
    if seen.built_in:
        raise Conflict(Code.CONFLICT, N_("This token is built in: its attributes are fixed."))
    return visit.show(
        "api_token_form",
        title=visit.say("Edit %(name)s", name=seen.name),
        token=seen,
        action=f"{PATH}/{seen.id}/edit",
        lock=seen.lock,
        people=people,
        picker=tree,
        hidden=len(hidden),
        once="",
    )


def save(visit: Visit) -> Answer:
    """Change a token; its secret, its id and all that uses it stay (Q4, Q5)."""
    if is_step(visit.form):
        return edit(visit)
    with visit.work() as work:
        present = show_api_token(work, token_in(visit))
        wish = wish_in(visit.form, _hidden(work, present))
        token = edit_api_token(work, present.id, wish, version_in(visit.form))
        drafts = shows_drafts(work, token)
    said = [*stopped.told(visit, work, _SAVED)]
    if drafts:
        said.append(Notice(visit.say(DRAFTS), "warning"))
    return visit.go(f"{PATH}/{token.id}", *said)


def renew(visit: Visit) -> Answer:
    """Give it another secret, and show that once."""
    grace = GRACES.get(visit.form.text("grace"), timedelta(0))
    with visit.work() as work:
        issued = regenerate(work, token_in(visit), grace)
        drafts = shows_drafts(work, issued.token)
    return reveal_api_token(visit, issued, drafts)


def dismiss(visit: Visit) -> Answer:
    """Say that what a token was flagged for is all right."""
    with visit.work() as work:
        token = dismiss_api_flags(work, token_in(visit))
    return visit.go(f"{PATH}/{token.id}", Notice(visit.say(DISMISSED)))


_SAVED: Final = N_("Saved. Your lock holds until you release it.")
_GONE: Final = N_("%(name)s is deleted: it answers 401 now.")
_GONE_LATE: Final = N_("%(name)s is deleted.")


def delete(visit: Visit) -> Answer:
    """Revoke it: trashing a token is revoking it (Q17)."""
    with visit.work() as work:
        token = revoke_api_token(
            work, token_in(visit), cascade="on" in visit.form.many("cascade") or None
        )
    return visit.go(PATH, *stopped.told(visit, work, _GONE, _GONE_LATE, name=token.name))


def _hidden(work: Work, token: Token) -> Roots:
    """Return the root nodes of a token that the form of whoever edits it does not show.

    None if it shows all of them; empty if who edits is told of none.
    """
    roots = roots_told(work, token)
    if not roots:
        return roots
    return roots - node_names(work, set(roots)).keys() or None


def _act(path: str, handle: Callable[[Visit], Answer], operation: str) -> Page:
    return Page(
        "POST",
        f"{_ONE}/{path}",
        handle,
        _TITLE,
        operation=operation,
        also=("api_token.show", "api_token.show_usage", "node.list", "node.lineage", "policy.show"),
        parts=(ID,),
        form=show,
    )


PAGES: Final = (
    Page(
        "GET",
        _ONE,
        show,
        _TITLE,
        operation="api_token.show",
        also=("api_token.show_usage", "node.list", "node.lineage", "policy.show"),
        parts=(ID,),
        query=(BACK,),
    ),
    Page("GET", _EDIT, edit, _TITLE, operation="api_token.show", also=_READS, parts=(ID,)),
    Page(
        "POST",
        _EDIT,
        save,
        _TITLE,
        operation="api_token.edit",
        also=("api_token.show", *_READS),
        parts=(ID,),
        form=edit,
    ),
    _act("lock", lock, "api_token.lock"),
    _act("release", release, "api_token.release"),
    _act("regenerate", renew, "api_token.regenerate"),
    _act("delete", delete, "api_token.revoke"),
    _act("dismiss", dismiss, "api_token.dismiss_flags"),
)
