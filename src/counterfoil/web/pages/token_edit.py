"""What restricts a token, for its owner to change: narrower at once, wider once approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.jsonapi.parameter import Parameter, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import NodeId, TokenId
from counterfoil.operation import Work
from counterfoil.tokens.edit import edit
from counterfoil.tokens.preview import offer
from counterfoil.tokens.show import show_token
from counterfoil.tokens.wish import Wish
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views import stopped, token_form
from counterfoil.web.views.picker import pick
from counterfoil.web.views.places import placed
from counterfoil.web.views.scope_words import grouped
from counterfoil.web.views.token_change import change_in
from counterfoil.web.views.token_page import EDIT, PART, look, token_in

_PATH: Final = "/tokens/{id}/restrictions"
_TITLE: Final = N_("Restrictions")
_LONGEST: Final = 15


def show(visit: Visit) -> Answer:
    """Show the form, as the token is or as it was filled in."""
    id_ = token_in(visit)
    with visit.read() as work:
        page = look(work, id_)
        if EDIT not in page.may:
            return visit.go(page.path)
        offered, words = offer(work), work.vocabulary()
        if not visit.form.values:
            here = work.caller.organization
            values = token_form.copied(page.token, here, words, visit.now)
            ends = page.token.expires_at
            values |= {"expires_at": (ends.date().isoformat() if ends else "",)}
            values = token_form.widened(values, visit.asked.query.values)
            visit = replace(visit, form=replace(visit.form, values=values))
        picker = pick(work, visit.form)
    return visit.show(
        "token_edit",
        title=page.view.name,
        page=page,
        offered=offered,
        groups=grouped(words.spell(offered.scopes), visit.say),
        picker=picker,
        missed=tuple(one for name in ("scope", "surface") if (one := visit.asked.query.text(name))),
        version=visit.form.text("version") or str(page.token.version),
    )


def change(visit: Visit) -> Answer:
    """Change what is other than before."""
    id_ = token_in(visit)
    with visit.read() as work:
        wish = _wish(visit, work, id_)
    with visit.work() as work:
        done = edit(work, id_, wish, _version(visit))
    if done.waits:
        return visit.go(f"/tokens/{id_}", Notice(visit.say(_WAITS), "warning"))
    return visit.go(f"/tokens/{id_}", *stopped.told(visit, work, _SAVED, _SAVED_LATE))


def _wish(visit: Visit, work: Work, id_: TokenId) -> Wish:
    token = show_token(work, id_).token
    bounds = token.grant_in(work.caller.organization).bounds
    places = placed(work, bounds.roots)
    seen = None if places is None else frozenset(NodeId(int(one.id)) for one in places if one.path)
    offered = offer(work).scopes
    return change_in(
        visit.form,
        token,
        bounds=bounds,
        offered=offered,
        seen=seen,
        words=work.vocabulary(),
        now=visit.now,
    )


def _version(visit: Visit) -> int:
    """Return the version of the token that was on the page."""
    said = visit.form.text("version")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _LONGEST else 0


_SAVED: Final = N_("Saved. It holds from the next request on.")
_SAVED_LATE: Final = N_("Saved.")
_WAITS: Final = N_("What it gives up is gone already; what it gains waits for approval.")
_ALSO: Final = ("token.show", "node.list", "node.lineage")
_MISSED: Final = (
    Parameter("scope", "A scope that the token lacked, to be ticked.", example="content:publish"),
    one_of("surface", "An API that the token was not let in at, to be ticked.", Surface),
)

PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        operation="token.offer",
        also=_ALSO,
        parts=(PART,),
        query=_MISSED,
    ),
    Page(
        "POST",
        _PATH,
        change,
        _TITLE,
        operation="token.edit",
        also=("token.offer", *_ALSO),
        parts=(PART,),
        form=show,
    ),
    Page(
        "POST",
        f"{_PATH}/tree",
        show,
        _TITLE,
        operation="token.offer",
        also=_ALSO,
        parts=(PART,),
    ),
)
