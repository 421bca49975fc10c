"""Key-and-secret pairs: the other way in, for programs that speak OAuth (A15, A23).

The key is the pair's id, the secret is good at the token endpoint alone, and what the endpoint
gives for them lives ten minutes and dies with the pair.
"""

from __future__ import annotations

from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.sought import ANY, NEWEST, Order, Sought
from counterfoil.tokens.steps.authority import require_administrator
from counterfoil.tokens.steps.change import retitled, settled, switch
from counterfoil.tokens.steps.end import end, end_by
from counterfoil.tokens.steps.issue import draw_up
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.store import lists, rows
from counterfoil.tokens.wish import Wish

_PAIR: Final = (Kind.CLIENT,)


@operation(
    "key_pair.create",
    requires=Scope.TOKENS_MANAGE,
    fresh=True,
    denies_with=Code.PAT_CANNOT_CREATE_PAT,
)
def create_pair(work: Work, wish: Wish) -> Issued:
    """Make a pair of at most the caller's own power; its secret is shown this once."""
    work.permit()
    require_administrator(work)
    return draw_up(work, wish, Kind.CLIENT)


@operation("key_pair.show", requires=Scope.TOKENS_MANAGE, reads=True)
def show_pair(work: Work, id_: TokenId) -> Token:
    """Show a pair."""
    token = rows.token(work.tx, work.caller.organization, id_, _PAIR)
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    return token


@operation("key_pair.list", requires=Scope.TOKENS_MANAGE, reads=True)
def list_pairs(
    work: Work, wanted: Wanted, sought: Sought = ANY, order: Order = NEWEST
) -> Page[Token]:
    """List pairs, the newest first; revoked ones stay to be seen."""
    work.permit()
    require_administrator(work)
    chosen = lists.Filter(_PAIR, sought=sought, order=order)
    return lists.page(work.tx, work.caller.organization, wanted, chosen, work.now)


@operation("key_pair.edit", requires=Scope.TOKENS_MANAGE)
def edit_pair(work: Work, id_: TokenId, wish: Wish, version: int | None = None) -> Token:
    """Give a pair another name or description, or an earlier end, which what it gave has too."""
    token = _held(work, id_)
    require_version(token.version, version)
    token.changeable(work.caller.organization, work.now)
    wish.require_same_power()
    done = settled(work, token, retitled(work, token, wish))
    if done.expires_at != token.expires_at:
        end_by(work, lists.children(work.tx, done), done)
    return done


@operation("key_pair.revoke", requires=Scope.TOKENS_MANAGE, vital=True)
def revoke_pair(work: Work, id_: TokenId) -> Token:
    """Revoke a pair and every token that was given for it."""
    token = _held(work, id_)
    given = lists.children(work.tx, token) if token.live_grants else []
    return end(work, [token, *given])[0]


@operation("key_pair.disable", requires=Scope.TOKENS_MANAGE, vital=True)
def disable_pair(work: Work, id_: TokenId, version: int | None = None) -> Token:
    """Switch a pair off: nothing is given for it, and what was given ends now."""
    token = _held(work, id_)
    require_version(token.version, version)
    if token.live_grants:
        end(work, lists.children(work.tx, token))
    return switch(work, token, on=False)


@operation("key_pair.enable", requires=Scope.TOKENS_MANAGE)
def enable_pair(work: Work, id_: TokenId, version: int | None = None) -> Token:
    """Switch a pair on again."""
    token = _held(work, id_)
    require_version(token.version, version)
    return switch(work, token, on=True)


def _held(work: Work, id_: TokenId) -> Token:
    """Hold a pair for whoever may manage pairs."""
    token = rows.hold(work.tx, work.caller.organization, id_, _PAIR)
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    return token
