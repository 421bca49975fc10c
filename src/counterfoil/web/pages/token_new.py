"""Asking for a personal token: where to begin, what it may do, and what that comes to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from counterfoil.access.caller import Caller, Method
from counterfoil.directory import lineage
from counterfoil.directory.show import show_policy
from counterfoil.jsonapi.parameter import Parameter, id_in, one_of
from counterfoil.jsonapi.rehearse import METHODS, Verdict, rehearse
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.preview import Offer, offer, preview_token
from counterfoil.tokens.request import request_token
from counterfoil.tokens.show import list_tokens, show_token
from counterfoil.tokens.sought import ANY, Key, Order, Sought, Standing
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.sent_once import key_of, made_once
from counterfoil.web.views import token_form
from counterfoil.web.views.picker import pick
from counterfoil.web.views.scope_words import grouped
from counterfoil.web.views.secret_page import reveal_token
from counterfoil.web.views.token_form import Values, wish_in
from counterfoil.web.views.token_said import Said, said_of
from counterfoil.web.views.token_templates import TEMPLATES, by_key, serving

_PATH: Final = "/tokens/new"
_TITLE: Final = N_("Create token")
_SETTINGS: Final = "settings"
_COPIES: Final = 20
_HELD: Final = Sought((Standing.PENDING, Standing.ACTIVE, Standing.DISABLED))


def show(visit: Visit) -> Answer:
    """Show the form: as it was filled in, or as the address says that it begins."""
    if not visit.form.values:
        visit = replace(visit, form=replace(visit.form, values=_begun(visit)))
    with visit.read() as work:
        offered, rules, words = offer(work), show_policy(work), work.vocabulary()
        visit = replace(visit, form=_fitting(visit.form, offered, words.spell(offered.scopes)))
        picker = pick(work, visit.form)
        copies = _copies(work)
        idle = _least_used(work) if _is_full(offered) else None
    settings = visit.form.text("from") == _SETTINGS
    title = N_("Add personal access token") if settings else _TITLE
    return visit.show(
        "token_new",
        title=visit.say(title),
        from_settings=settings,
        offered=offered,
        rules=rules,
        full=_is_full(offered),
        idle=idle,
        groups=grouped(words.spell(offered.scopes), visit.say),
        held=words.spell(offered.scopes),
        picker=picker,
        last_day=token_form.last_day(rules, visit.now),
        templates=serving(words.spell(offered.scopes)),
        copies=copies,
        said=None if _is_full(offered) else _said(visit),
        methods=METHODS,
        tried=_tried(visit),
        once=key_of(visit),
    )


def preview(visit: Visit) -> Answer:
    """Show the same form, with what it comes to now; htmx takes out of it what changed."""
    return show(visit)


def create(visit: Visit) -> Answer:
    """Ask for the token and show its secret; a form that is sent again makes no second one.

    Whoever presses Enter beside a request to try, tries it.
    """
    if visit.form.ticked("enter") and visit.form.text("try_path").strip():
        return show(visit)

    def ask(work: Work) -> Requested:
        return request_token(work, wish_in(visit.form, work.vocabulary(), visit.now))

    made = made_once(visit, ask, lambda one: one.token.id)
    if not isinstance(made, str):
        return reveal_token(visit, made)
    told = visit.say("This form was sent before: here is the token. Its secret was shown then.")
    return visit.go(f"/tokens/{made}", Notice(told, "neutral"))


def _begun(visit: Visit) -> Values:
    """Return what the form begins with: by the policy, a template, another token, or a link."""
    query, now = visit.asked.query, visit.now
    with visit.read() as work:
        values = token_form.blank(show_policy(work), now)
        template = by_key(query.text("template") or "")
        if template is not None:
            values |= template.values
        copy = query.id(Prefix.TOKEN, "copy")
        if copy is not None:
            token = show_token(work, TokenId(copy)).token
            here, words = work.caller.organization, work.vocabulary()
            values |= token_form.copied(token, here, words, now)
    values |= token_form.asked_for(query.values)
    return {**values, "from": (query.text("from") or "",)}


def _fitting(form: Form, offered: Offer, scopes: tuple[str, ...]) -> Form:
    """Return the form without what is not on offer: neither was it ticked, nor is it said (X6)."""
    ends = {_end_of(one.name, one.days) for one in offered.expirations}
    values = dict(form.values)
    if "scopes" in values:
        values["scopes"] = tuple(one for one in values["scopes"] if one in scopes)
    if form.text("expires_at") not in ends:
        days = max((one.days for one in offered.expirations if one.days), default=None)
        values["expires_at"] = (token_form.CUSTOM if days is None else str(days),)
    return replace(form, values=values)


def _end_of(name: str, days: int | None) -> str:
    return name if days is None else str(days)


def _copies(work: Work) -> list[tuple[str, str]]:
    """Return ids and names of one's own tokens, first of those that are not over."""
    found = {
        str(one.token.id): one.token.name
        for sought in (_HELD, ANY)
        for one in list_tokens(work, Wanted(_COPIES), work.caller.user, sought).items
    }
    return list(found.items())[:_COPIES]


def _is_full(offered: Offer) -> bool:
    return offered.quota is not None and offered.held >= offered.quota


def _least_used(work: Work) -> tuple[str, str] | None:
    """Return the id and name of the token that was used the longest ago, or never."""
    order = Order(Key.LAST_USED_AT)
    found = list_tokens(work, Wanted(1), work.caller.user, _HELD, order).items
    return (str(found[0].token.id), found[0].token.name) if found else None


def _tried(visit: Visit) -> Verdict | None:
    """Return what would become of the request that is tried, by the rules that let requests in."""
    form = visit.form
    address = form.text("try_path")
    if not address.strip():
        return None
    try:
        with visit.read() as work:
            plan = preview_token(work, _named(wish_in(form, work.vocabulary(), visit.now)))
            caller = work.caller
            holder = Caller(caller.organization, caller.user, Method.PERSONAL, plan.effective)
            where = partial(lineage, work.tx, caller.organization)
            return rehearse(visit.asked, holder, form.text("try_method"), address, where)
    except CounterfoilError as error:
        if error.code is Code.NOT_A_MEMBER:
            raise
        return None


def _said(visit: Visit) -> Said:
    """Return what the form comes to, by the rules that decide about the token itself."""
    form = visit.form
    if form.text("scope_mode") == token_form.EXPLICIT and not form.many("scopes"):
        return Said(refusal=visit.say("Choose at least one scope."))
    try:
        with visit.read() as work:
            words = work.vocabulary()
            wish = _named(wish_in(form, words, visit.now))
            return said_of(preview_token(work, wish), words, visit.say)
    except CounterfoilError as error:
        if error.code is Code.NOT_A_MEMBER:
            raise
        return Said(refusal=visit.explain(error))


def _named(wish: Wish) -> Wish:
    """Return a wish for a token that may have no name yet."""
    is_named = isinstance(wish.name, str) and wish.name.strip()
    return wish if is_named else replace(wish, name="…")


_PREFILLED: Final = (
    one_of("template", "Where to begin.", (*(one.key for one in TEMPLATES), "blank")),
    id_in("copy", "A token of one's own that the new one is like.", Prefix.TOKEN),
    Parameter("name", "What it is called.", example="ci-schema-export"),
    Parameter("description", "What it is for."),
    Parameter("scopes", "Which scopes are ticked.", example="content:read", many=True),
    Parameter("expires", "When it ends: `30d`, a date, or `never`.", example="30d"),
    id_in("root", "A root node to restrict it to.", Prefix.NODE),
    one_of("from", "Which page led here.", (_SETTINGS,)),
)
_ALSO: Final = ("token.preview", "policy.show", "token.list", "node.list", "node.lineage")

PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        operation="token.offer",
        also=(*_ALSO, "token.show"),
        query=_PREFILLED,
        fresh=True,
    ),
    Page("POST", _PATH, create, _TITLE, operation="token.request", form=show),
    Page("POST", "/tokens/preview", preview, _TITLE, operation="token.offer", also=_ALSO),
)
