"""What all pages of one personal token show: whose it is, how it stands, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.jsonapi.parameter import id_in
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.kernel.sentence import Say
from counterfoil.operation import Work
from counterfoil.tokens.model import Token
from counterfoil.tokens.show import show_token
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views import live
from counterfoil.web.views.flag_said import FlagView, flag_views
from counterfoil.web.views.token_view import ON, Standing, TokenView

EDIT: Final = "edit"
RENEW: Final = "renew"
PART: Final = id_in("id", "The token.", Prefix.TOKEN)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the pages of a token."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class TokenPage:
    """A token with all that its pages have in common.

    Attributes:
        owner: whose it is; `mine` says whether that is who looks.
        may: what who looks may do, by the names of the verbs.
        audits: whether who looks may read its trail.
        switched_off_by: who switched it off, where that was not its owner.
        shown: what stands there of how it stopped.
    """

    view: TokenView
    token: Token
    used: Used
    owner: str
    mine: bool
    may: frozenset[str]
    audits: bool
    switched_off_by: str
    shown: live.Mark
    tabs: tuple[Tab, ...]

    def flags(self, say: Say) -> list[FlagView]:
        """Return what it was flagged for, as it is read."""
        return flag_views(self.used, say)

    def mark(self, visit: Visit) -> str:
        """Return what tells whether more is known by now of how it stopped."""
        return live.sealed(visit, self.shown)

    @property
    def path(self) -> str:
        """Where its pages begin."""
        return f"/tokens/{self.view.id}"


def token_in(visit: Visit) -> TokenId:
    """Return which token the address names."""
    return TokenId(ids.read(Prefix.TOKEN, visit.asked.params["id"]))


def look(work: Work, id_: TokenId) -> TokenPage:
    """Show a token to its owner, or to who approves tokens here."""
    seen = show_token(work, id_)
    token, view = seen.token, TokenView.of(seen, work)
    assert token.owner is not None  # noqa: S101 - a personal token has one
    by = token.grant_in(work.caller.organization).disabled_by
    used = uses(work, [id_])[id_]
    mine = token.owner == work.caller.user
    able = may(work, token, view)
    audits = mine or bool(work.caller.grant.scopes & Scope.AUDIT_READ.bit)
    return TokenPage(
        view=view,
        token=token,
        used=used,
        owner=directory.user(work.tx, token.owner).name,
        mine=mine,
        may=able,
        audits=audits,
        switched_off_by="" if by is None or by == token.owner else directory.user(work.tx, by).name,
        shown=live.stopped(id_, used.last),
        tabs=tuple(
            _tabs(
                f"/tokens/{view.id}",
                edits=EDIT in able,
                asked=seen.request is not None,
                audits=audits,
            )
        ),
    )


def _tabs(path: str, *, edits: bool, asked: bool, audits: bool) -> list[Tab]:
    tabs = [Tab(path, N_("Overview")), Tab(f"{path}/usage", N_("Usage"))]
    if edits:
        tabs.append(Tab(f"{path}/restrictions", N_("Restrictions")))
    if asked:
        tabs.append(Tab(f"{path}/request", N_("Request")))
    return [*tabs, Tab(f"{path}/trail", N_("Audit trail"))] if audits else tabs


def may(work: Work, token: Token, view: TokenView) -> frozenset[str]:
    """Say what may be done, as the verbs would: a button that only refuses helps nobody."""
    mine = token.owner == work.caller.user
    if view.is_over:
        return frozenset({"copy"} if mine else ())
    approves = bool(work.caller.grant.scopes & Scope.TOKENS_APPROVE.bit)
    by = token.grant_in(work.caller.organization).disabled_by
    own = mine and (by is None or by == token.owner)
    able = {
        EDIT: mine,
        RENEW: mine,
        "copy": mine,
        "revoke": mine or approves,
        "disable": view.standing in ON,
        "enable": view.standing is Standing.DISABLED and (own or approves),
    }
    return frozenset(name for name, is_able in able.items() if is_able)
