"""An API token changes, gets another secret, or goes (D15, K12, Q3, CONTRACT: minting)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.content import Thing
from counterfoil.content.steps import locking
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import LIVE, Token
from counterfoil.tokens.news import TokenTurned, Turn
from counterfoil.tokens.steps.authority import (
    MANAGERS,
    chosen_authority,
    issuer,
    no_larger,
    require_administrator,
    require_own_power,
    shown_to_nobody_less,
    terms_of,
)
from counterfoil.tokens.steps.change import require_life, retitled, settled, switch
from counterfoil.tokens.steps.end import end, end_by
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.steps.record import Issued, recipient, tell
from counterfoil.tokens.store import lists, rows, secrets
from counterfoil.tokens.wish import Wish

LONGEST_GRACE: Final = timedelta(days=7)
_API: Final = (Kind.SERVICE,)


@operation("api_token.edit", requires=Scope.TOKENS_MANAGE, methods=MANAGERS)
def edit_api_token(work: Work, id_: TokenId, wish: Wish, version: int | None = None) -> Token:
    """Change an API token, at most to the caller's own power. Its secret and its id stay.

    What a token has widened hangs on it from then on, as what it made does: unless the policy says
    otherwise, neither outlives it, and both go with it.
    """
    issuer(work)  # whoever ends the caller finds what it has widened, or it finds itself ended
    token = _mine_to_manage(work, id_)
    require_version(token.version, version)
    if token.built_in:
        raise Invalid(
            Code.NON_EDITABLE_ACCESS_TOKEN, "This token is built in: its attributes are fixed."
        )
    after = _reauthorized(work, retitled(work, token, wish), wish)
    done = settled(work, token, after)
    rules = directory.policy(work.tx, work.caller.organization)
    if done.expires_at != token.expires_at and rules.cascade:
        end_by(work, lists.family(work.tx, done), done)
    return done if isinstance(wish.enabled, UnsetType) else switch(work, done, on=wish.enabled)


@operation("api_token.regenerate", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, fresh=True)
def regenerate(work: Work, id_: TokenId, grace: timedelta = timedelta(0)) -> Issued:
    """Give an API token another secret under the same id; the old one dies at once or after grace.

    Whoever asks gets the token's power in hand, so it must not exceed their own (I3). At most two
    secrets live at a time: one that is dying already makes room.
    """
    here = work.caller.organization
    kind = rows.token(work.tx, here, id_, (Kind.SERVICE, Kind.PERSONAL)).kind
    if kind is Kind.PERSONAL or not directory.policy(work.tx, here).regenerate_allowed:
        work.permit(target=spell(Prefix.TOKEN, id_))
        raise Conflict(Code.CONFLICT, "The secret of this token stays. Make a successor instead.")
    token = _mine_to_manage(work, id_)
    require_own_power(work, terms_of(work, token.authority, token.subject), _bounds(work, token))
    _outlives(work, token)
    ahead = work.now + LONGEST_GRACE
    struck = secrets.retire(work.tx, token.id, work.now, dying_by=ahead if grace else None)
    if grace:
        secrets.let_die(work.tx, token.id, _earliest(work, token, grace))
    secret = work.mint(Kind.SERVICE)
    secrets.add(work.tx, work.new_id(), token, secret, work.now, recipient(work))
    after = replace(token, version=token.version + 1, hint=secret.hint)
    rows.save(work.tx, token, after)
    tell(work, after, struck)
    work.announce(TokenTurned(here, token.id, token.kind, Turn.ROTATED))
    return Issued(after, secret)


@operation("api_token.revoke", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, vital=True)
def revoke_api_token(work: Work, id_: TokenId, *, cascade: bool | None = None) -> Token:
    """Revoke an API token, and what it minted where the policy or the caller says so.

    To revoke what is revoked changes nothing and answers the same again. No lock is asked: what
    leaked is revoked at once.
    """
    token = rows.hold(work.tx, work.caller.organization, id_, _API)
    work.permit(target=spell(Prefix.TOKEN, id_))
    rules = require_administrator(work)
    if cascade is None:
        cascade = rules.cascade
    minted = lists.family(work.tx, token) if cascade and token.live_grants else []
    return end(work, [token, *minted])[0]


def _mine_to_manage(work: Work, id_: TokenId) -> Token:
    """Hold an API token that may still change; a destroyed one is not to be found any more."""
    token = rows.hold(work.tx, work.caller.organization, id_, _API)
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    locking.require_unlocked(work, Thing.TOKEN, id_)
    if token.state_in(work.caller.organization) not in LIVE:
        raise NotFound
    token.changeable(work.caller.organization, work.now)
    return token


def _reauthorized(work: Work, token: Token, wish: Wish) -> Token:
    """Return it with the wanted authority and bounds, of which no part exceeds the caller's own."""
    here = work.caller.organization
    present = _bounds(work, token)
    bounds = wish.bounds(present)
    roots = directory.with_untold(work, present.roots, bounds.roots, Scope.TOKENS_MANAGE)
    bounds = replace(bounds, roots=roots)
    require_life(wish, bounds, token.expires_at)
    after = token.with_grant(replace(token.grant_in(here), bounds=bounds))
    if not (isinstance(wish.authority, UnsetType) and isinstance(wish.subject, UnsetType)):
        authority, subject = chosen_authority(wish, directory.policy(work.tx, here))
        after = replace(after, authority=authority, subject=subject)
    moved = (after.authority, after.subject) != (token.authority, token.subject)
    if moved or bounds.exceeds(present, lineage_of(work.tx, here)):
        work.caller.proved_within(work.now)
        terms = terms_of(work, after.authority, after.subject)
        require_own_power(work, terms, bounds)
        if token.authority == "none":
            shown_to_nobody_less(work, token, terms, bounds)
        _outlives(work, token)
        bounds = no_larger(work, terms, bounds)
        after = after.with_grant(replace(after.grant_in(here), bounds=bounds))
        if work.caller.method is not Method.SESSION and work.caller.token is not None:
            rows.hang(work.tx, token, work.caller.token)
    return after


def _bounds(work: Work, token: Token) -> Bounds:
    return token.grant_in(work.caller.organization).bounds


def _outlives(work: Work, token: Token) -> None:
    """Raise if the caller is a token that would get a longer life into its hands (S24)."""
    limit = work.caller.expires_at
    if work.caller.method is Method.SESSION or limit is None:
        return
    if token.expires_at is None or token.expires_at > limit:
        raise Denied(Code.INSUFFICIENT_ROLE, "This token outlives the one that asks.")


def _earliest(work: Work, token: Token, grace: timedelta) -> datetime:
    at = work.now + grace
    return at if token.expires_at is None else min(at, token.expires_at)
