"""Disabling, enabling and deleting a token: what stops working, and for whom, is said before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import Work
from counterfoil.tokens.model import Token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show_usage import show_usage
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.usage_model import Range
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views import stopped
from counterfoil.web.views.token_page import PART, look, token_in


def _ask(deed: str, visit: Visit) -> Answer:
    """Say what would stop working, and for whom."""
    id_ = token_in(visit)
    with visit.read() as work:
        page = look(work, id_)
        report = show_usage(work, id_, Range.MONTH)
    if deed not in page.may:
        return visit.go(page.path)
    return visit.show("token_stop", page=page, deed=deed, report=report)


def _do(
    verb: Callable[[Work, TokenId], Token], gone: str, late: str, back: str, visit: Visit
) -> Answer:
    with visit.work() as work:
        token = verb(work, token_in(visit))
        mine = token.owner == work.caller.user
    path = back if mine and back else f"/tokens/{token.id}"
    return visit.go(path, *stopped.told(visit, work, gone, late, name=token.name))


def _disable(work: Work, id_: TokenId) -> Token:
    return disable(work, id_).token


def _enable(work: Work, id_: TokenId) -> Token:
    return enable(work, id_).token


_ON: Final = N_("%(name)s is switched on: it works again.")
_revoked = partial(
    _do,
    revoke,
    N_("%(name)s is revoked: it answers 401 from now on."),
    N_("%(name)s is revoked."),
    "/tokens",
)
_disabled = partial(
    _do,
    _disable,
    N_("%(name)s is switched off: it answers 401 until it is enabled again."),
    N_("%(name)s is switched off."),
    "",
)


def _enabled(visit: Visit) -> Answer:
    with visit.work() as work:
        token = _enable(work, token_in(visit))
    return visit.go(f"/tokens/{token.id}", Notice(visit.say(_ON, name=token.name)))


PAGES: Final = (
    Page(
        "GET",
        "/tokens/{id}/delete",
        partial(_ask, "revoke"),
        N_("Delete token"),
        operation="token.show_usage",
        also=("token.show",),
        parts=(PART,),
    ),
    Page(
        "POST",
        "/tokens/{id}/delete",
        _revoked,
        N_("Delete token"),
        operation="token.revoke",
        parts=(PART,),
    ),
    Page(
        "GET",
        "/tokens/{id}/disable",
        partial(_ask, "disable"),
        N_("Disable token"),
        operation="token.show_usage",
        also=("token.show",),
        parts=(PART,),
    ),
    Page(
        "POST",
        "/tokens/{id}/disable",
        _disabled,
        N_("Disable token"),
        operation="token.disable",
        parts=(PART,),
    ),
    Page(
        "POST",
        "/tokens/{id}/enable",
        _enabled,
        N_("Enable token"),
        operation="token.enable",
        parts=(PART,),
    ),
)
