"""The search of the frame: pages, tokens, people and nodes by name, as far as one may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.access.scope import Scope
from counterfoil.directory import Sought as People
from counterfoil.directory.show import list_users
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Denied
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Page as Found
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.api_token_show import page_api_tokens
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.sought import Sought
from counterfoil.web import crumbs
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.picker import found_nodes
from counterfoil.web.views.token_view import TokenView

_PATH: Final = "/search"
_TITLE: Final = N_("Search")
_MOST: Final = 8
_MOST_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: what it is called, where it is, and what tells it from others."""

    name: str
    path: str
    icon: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind; `further` leads to the list of all where there are more."""

    label: str
    hits: tuple[Hit, ...]
    further: str = ""


def show(visit: Visit) -> Answer:
    """Show what is called like that, or what can be sought."""
    sought = (visit.asked.query.text("q") or "").strip()[:_MOST_CHARS]
    kinds = [kind for kind in _found(visit, sought) if kind.hits] if sought else []
    return visit.show("search", sought=sought, kinds=kinds, kinds_there=_kinds(visit))


def _kinds(visit: Visit) -> list[str]:
    """Return what kinds of things the person may find."""
    held = visit.caller.grant.scopes
    needs = (
        (None, N_("pages")),
        (None, N_("tokens (by their last 4 characters too)")),
        (Scope.TOKENS_MANAGE, N_("API tokens")),
        (Scope.USERS_READ, N_("people")),
        (Scope.CONTENT_READ, N_("nodes")),
    )
    return [visit.say(word) for scope, word in needs if scope is None or held & scope.bit]


def _found(visit: Visit, sought: str) -> Iterator[Kind]:
    held = visit.caller.grant.scopes
    yield Kind(visit.say(N_("Pages")), tuple(_pages(visit, sought)))
    yield _tokens(visit, sought, None if held & Scope.TOKENS_APPROVE.bit else visit.caller.user)
    if held & Scope.TOKENS_MANAGE.bit:
        yield _api_tokens(visit, sought)
    if held & Scope.USERS_READ.bit:
        yield _people(visit, sought)
    if held & Scope.CONTENT_READ.bit:
        yield _nodes(visit, sought)


def _pages(visit: Visit, sought: str) -> Iterator[Hit]:
    for section in visit.frame(visit).sections:
        for link in section.links:
            if sought.casefold() in link.label.casefold():
                yield Hit(link.label, link.path, link.icon, section.label)


def _tokens(visit: Visit, sought: str, owner: UserId | None) -> Kind:
    with visit.read() as work:
        found = list_tokens(work, Wanted(_MOST), owner, Sought(query=sought))
        views = TokenView.all_of(found.items, work)
    hits = tuple(
        Hit(one.name, f"/tokens/{one.id}", "key", f"{one.hint} · {visit.say(one.badge.word)}")
        for one in views
    )
    return Kind(visit.say(N_("Personal Access Tokens")), hits, _all("/tokens", sought, found))


def _api_tokens(visit: Visit, sought: str) -> Kind:
    label = visit.say(N_("API tokens"))
    try:
        with visit.read() as work:
            found = page_api_tokens(work, Wanted(_MOST), Sought(query=sought))
    except Denied:  # where the policy leaves them to the admins
        return Kind(label, ())
    hits = tuple(
        Hit(one.name, f"/content-api-manager/{one.id}", "key", one.hint or "")
        for one in found.items
    )
    return Kind(label, hits, _all("/content-api-manager", "", found))


def _people(visit: Visit, sought: str) -> Kind:
    with visit.read() as work:
        found = list_users(work, Wanted(_MOST), People(sought, by_name=True))
    hits = tuple(
        Hit(one.name, f"/people/{one.user.id}", "people", one.email or "") for one in found.items
    )
    return Kind(visit.say(N_("Users")), hits, _all("/people", sought, found))


def _nodes(visit: Visit, sought: str) -> Kind:
    with visit.read() as work:
        found = found_nodes(work, sought)[:_MOST]
    hits = tuple(Hit(one.path, f"/content?node={one.id}", "tree") for one in found)
    return Kind(visit.say(N_("Content")), hits)


def _all(path: str, sought: str, found: Found[Any]) -> str:
    """Return the address of the whole list where there is more of it; empty where there is not."""
    if found.after is None:
        return ""
    return crumbs.address(path, {}, {"q": (sought,)} if sought else {})


_WORDS: Final = Parameter("q", "What stands in a name, or the last 4 characters of a token.")
_ALSO: Final = ("api_token.page", "user.list", "node.list", "node.lineage")

PAGES: Final = (
    Page("GET", _PATH, show, _TITLE, operation="token.list", also=_ALSO, query=(_WORDS,)),
)
