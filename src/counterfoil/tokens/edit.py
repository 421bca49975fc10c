"""The owner edits a personal token: narrower at once, wider once approved (X14, A10c, A21)."""

from __future__ import annotations

from dataclasses import replace

from counterfoil import directory
from counterfoil.directory import Member, Policy
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.approval import needs_approval
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.request_model import Asking, RequestKind
from counterfoil.tokens.steps.change import require_life, retitled, settled
from counterfoil.tokens.steps.plan import active, caller_member, lineage_of, require_bounds
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.steps.requests import Edited, ask, close, shorten
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import requests, rows
from counterfoil.tokens.wish import Wish


@operation("token.edit", requires=None, owner=True)
def edit(work: Work, id_: TokenId, wish: Wish, version: int | None = None) -> Edited:
    """Change a personal token of one's own; `version` is the one that the caller looked at."""
    home = work.caller.organization
    token = rows.hold(work.tx, home, id_, (Kind.PERSONAL,))
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    require_version(token.version, version)
    grant = token.changeable(home, work.now)
    member = active(directory.member, work.tx, home, caller_member(work))
    bounds = _wanted(work, wish, grant.bounds, member)
    after = retitled(work, token, wish)
    require_life(wish, bounds, after.expires_at)
    if after.expires_at != token.expires_at:
        shorten(work, after)
    if grant.state is State.PENDING:
        return _asked_anew(work, token, after, bounds, wish)
    return _rebounded(work, token, after, bounds, wish)


def _wanted(work: Work, wish: Wish, present: Bounds, member: Member) -> Bounds:
    wanted = wish.bounds(present)
    if wanted.roots != present.roots:
        wanted = replace(wanted, ceiling=None)
    scoped = wanted.scopes if wanted.scopes != present.scopes else None
    rooted = wanted.roots if wanted.roots != present.roots else None
    require_bounds(work, Bounds(scoped, rooted), member)
    if wanted.exceeds(present, lineage_of(work.tx, work.caller.organization)):
        work.caller.proved_within(work.now)
    return wanted


def _asked_anew(work: Work, token: Token, after: Token, bounds: Bounds, wish: Wish) -> Edited:
    """Put a new request in place of the open one: nobody approves what they have not read.

    Where by now nobody else must agree, what is asked anew is given at once, as a new token is.
    """
    home = work.caller.organization
    before = requests.open_request(work.tx, home, token.id)
    assert before is not None  # noqa: S101 - a pending token waits for a request
    why = _why(wish) or before.justification
    wanted = after.bounded(home, bounds)
    asked = replace(wanted, version=token.version, reminders=token.reminders)
    if asked == token and why == before.justification:  # of whom it reminds nobody need approve
        return Edited(settled(work, token, wanted), before, waits=True)
    close(work, [before])
    rules = directory.policy(work.tx, home)
    member = active(directory.member, work.tx, home, caller_member(work))
    if not _asks(work, rules, member, after, bounds):
        require_bounds(work, bounds, member)
        work.caller.proved_within(work.now)
        return Edited(put(work, token, after.activated(home, bounds, after.expires_at, work.now)))
    done = settled(work, token, wanted)
    asking = Asking(RequestKind.NEW, bounds, done.expires_at, why)
    return Edited(done, ask(work, done, asking, home, rules), waits=True)


def _rebounded(work: Work, token: Token, after: Token, bounds: Bounds, wish: Wish) -> Edited:
    """Narrow at once; widen at once too, unless somebody else must agree to it here (X14).

    Of an edit that does both, what it takes away is gone at once, and only what it adds waits. An
    edit that names bounds takes the place of a widening that waits, also where it takes it back.
    """
    home = work.caller.organization
    member = active(directory.member, work.tx, home, caller_member(work))
    present = token.grant_in(home).bounds
    waiting = requests.open_request(work.tx, home, token.id)
    if not wish.names_bounds:
        return Edited(settled(work, token, after), waiting)
    close(work, [waiting] if waiting else [])
    if bounds == present:
        return Edited(settled(work, token, after))
    rules = directory.policy(work.tx, home)
    at = lineage_of(work.tx, home)
    if not _asks(work, rules, member, after, bounds):
        return Edited(settled(work, token, after.bounded(home, bounds)))
    if bounds.exceeds(present, at):
        kept = bounds.within(present, at).under(present)
        done = settled(work, token, after if kept == present else after.bounded(home, kept))
        asking = Asking(RequestKind.WIDEN, bounds, done.expires_at, _why(wish))
        return Edited(done, ask(work, done, asking, home, rules), waits=True)
    return Edited(settled(work, token, after.bounded(home, bounds.under(present))))


def _asks(work: Work, rules: Policy, member: Member, token: Token, bounds: Bounds) -> bool:
    """Say whether somebody else must approve a token with these bounds, by the rules of now."""
    life = (token.created_at, token.expires_at)
    return needs_approval(rules, member, work.vocabulary(), bounds.scopes, life)


def _why(wish: Wish) -> str:
    return policy.remark(wish.justification, "justification")
