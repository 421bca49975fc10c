"""Leak response: whose token is this, what does it reach, and stop it (S9, S15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.operation import Work
from counterfoil.secret import Kind, pattern
from counterfoil.tokens.api_token_edit import edit_api_token, revoke_api_token
from counterfoil.tokens.key_pair import disable_pair, revoke_pair
from counterfoil.tokens.leaked import Leaked, list_leaks, look_up_leaked, note_leak
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show import Seen
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views import stopped
from counterfoil.web.views.flag_said import FlagView, flag_views
from counterfoil.web.views.token_view import ON, TokenView

PATH: Final = "/leak-response"
_TITLE: Final = N_("Leak response")
KINDS: Final = MappingProxyType(
    {
        Kind.PERSONAL: N_("Personal token"),
        Kind.SERVICE: N_("API token"),
        Kind.CLIENT: N_("Key and secret pair"),
        Kind.EXCHANGED: N_("Short-lived token"),
    }
)
DONE: Final = MappingProxyType(
    {
        "notify": N_("Its owner was told"),
        "disable": N_("Switched off"),
        "revoke": N_("Revoked"),
        "note": N_("Noted"),
    }
)
STEPS: Final = MappingProxyType(
    {
        "owner": N_("Its owner was told"),
        "successor": N_("A successor was made"),
        "places": N_("The places where it was used have the successor"),
        "cleaned": N_("It is gone from where it was found"),
    }
)
"""What is to be done about a leak beside stopping the token; what is ticked goes into the note."""

_WHERE: Final = MappingProxyType(
    {Kind.PERSONAL: "/tokens", Kind.SERVICE: "/content-api-manager", Kind.CLIENT: "/key-pairs"}
)


@dataclass(frozen=True, slots=True)
class Card:
    """A token whose secret was found, as one reads it who has to act at once.

    Attributes:
        kind: what it is called.
        path: its page; empty for what has none.
        may: what who looks may do with it.
        rotates: whether its secret can be replaced under its id, at its page.
        mine: whether it is to who looks, who need not be told.
    """

    leaked: Leaked
    view: TokenView
    kind: str
    path: str
    flags: list[FlagView]
    may: frozenset[str]
    rotates: bool
    mine: bool


def show(visit: Visit) -> Answer:
    """Show where to paste, and what was reported before."""
    return _shown(visit, None)


def find(visit: Visit) -> Answer:
    """Look whose the tokens in a text are; the text itself is gone when this has answered."""
    text = visit.form.text("text")
    if not text.strip():
        raise Invalid(Code.INVALID_FIELD, N_("Paste a token, or a text with one."), field="/text")
    return _shown(visit, text)


def act(visit: Visit) -> Answer:
    """Stop a token if that is asked for, and put on record what happened."""
    form = visit.form
    done = form.text("do")
    if done not in {"disable", "revoke", "note"}:
        raise Invalid(Code.INVALID_FIELD, N_("Choose what to do."), field="/do")
    try:
        id_ = TokenId(ids.read(Prefix.TOKEN, form.text("token")))
    except NotFound:
        raise Invalid(Code.INVALID_FIELD, N_("There is no such token."), field="/token") from None
    with visit.work() as work:
        _stop(work, form.text("kind"), id_, done)
        note_leak(work, id_, _note(visit), done)  # type: ignore[arg-type] # one of these
    if done == "note":
        return visit.go(PATH, Notice(visit.say(_NOTED)))
    return visit.go(PATH, *stopped.told(visit, work, *_TOLD[done]))


def _note(visit: Visit) -> str:
    """Return the note with the steps that were ticked before what was written, in one language."""
    ticked = [visit.say(word) for key, word in STEPS.items() if visit.form.ticked("step", key)]
    written = visit.form.text("note").strip()
    return " ".join([*(f"{one}." for one in ticked), *([written] if written else [])])


_NOTED: Final = N_("The note is on record.")
_TOLD: Final = MappingProxyType(
    {
        "disable": (
            N_("It is switched off: it answers 401 from now on. The note is on record."),
            N_("It is switched off. The note is on record."),
        ),
        "revoke": (
            N_("It is revoked: it answers 401 from now on. The note is on record."),
            N_("It is revoked. The note is on record."),
        ),
    }
)


def _stop(work: Work, kind: str, id_: TokenId, done: str) -> None:
    """Stop a token by the verb of its kind, which asks whether one may."""
    if done == "note":
        return
    if kind == Kind.PERSONAL.name:
        (revoke if done == "revoke" else disable)(work, id_)
    elif kind == Kind.SERVICE.name and done == "revoke":
        revoke_api_token(work, id_)
    elif kind == Kind.SERVICE.name:
        edit_api_token(work, id_, Wish(enabled=False))
    elif kind == Kind.CLIENT.name:
        (revoke_pair if done == "revoke" else disable_pair)(work, id_)
    else:
        raise Invalid(Code.INVALID_FIELD, N_("There is no such token."), field="/kind")


def _shown(visit: Visit, text: str | None) -> Answer:
    asked = visit.asked
    with visit.read() as work:
        search = None if text is None else look_up_leaked(work, text)
        found = list_leaks(work, cursor.wanted(asked, PATH))
        cards = [_card(visit, work, one) for one in search.found] if search else []
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        further = crumbs.address(PATH, {}, {"page[after]": (after,)})
    visit = replace(visit, form=visit.form.without(("text",)))
    return visit.show(
        "leaks",
        search=search,
        steps=STEPS,
        cards=cards,
        rows=[(report, token, visit.say(DONE[report.done])) for report, token in found.items],
        total=found.total or 0,
        further=further,
        form_of=pattern(asked.office.prefix).removeprefix(r"\b").removesuffix(r"\b"),
    )


def _card(visit: Visit, work: Work, leaked: Leaked) -> Card:
    token = leaked.token
    view = TokenView.of(Seen(token, None), work)
    manages = bool(work.caller.grant.scopes & Scope.TOKENS_MANAGE.bit)
    able = token.kind is Kind.PERSONAL or (manages and token.kind in _WHERE)
    may = {"revoke"} if able and not view.is_over else set()
    if may and view.standing in ON and not token.built_in:
        may.add("disable")
    base = _WHERE.get(token.kind) if able else None
    return Card(
        leaked,
        view,
        visit.say(KINDS[token.kind]),
        f"{base}/{token.id}" if base else "",
        flag_views(leaked.used, visit.say),
        frozenset(may),
        rotates=token.kind is Kind.SERVICE and bool(may),
        mine=(token.owner or token.issuer) == work.caller.user,
    )


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="leak.list",
        query=PAGING,
        nav=Nav(shell.ACCOUNT, _TITLE, "alert", 60, needs=Scope.TOKENS_APPROVE),
    ),
    Page(
        "POST",
        PATH,
        find,
        _TITLE,
        operation="leak.look_up",
        also=("leak.list",),
        form=show,
        secrets=("text",),
    ),
    Page(
        "POST",
        f"{PATH}/act",
        act,
        _TITLE,
        operation="leak.note",
        also=(
            "token.disable",
            "token.revoke",
            "api_token.edit",
            "api_token.revoke",
            "key_pair.disable",
            "key_pair.revoke",
        ),
        form=show,
    ),
)
