"""A policy changes under tokens that were made before, and their holders are told.

What a token was given it keeps until its end, unless the policy is enforced: at once, or on a day
that is announced. Then a token that does not abide by it gets an earlier end: the one that the
policy would have given it, or, if that has passed, this very instant. What speaks here as a guest
of another organization ends here alone. Nothing else about a token changes, and no end is ever put
off (X16).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from counterfoil import directory, notices
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory import Policy, PolicyEdited
from counterfoil.directory.enroll import BY_HAND
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.notices import Facts
from counterfoil.notices import Kind as Told
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.abide import abides, end_under
from counterfoil.tokens.model import LIVE, State, Token
from counterfoil.tokens.steps.end import end_by, position_after
from counterfoil.tokens.steps.notify import LASTING, page_of, told_taken
from counterfoil.tokens.steps.outside import end_of, outside_of
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.steps.requests import close, shorten
from counterfoil.tokens.steps.stopping import Stop, Why, stopping
from counterfoil.tokens.store import lists, requests, rows
from counterfoil.tokens.store.lasting import Lasting

TOGETHER: Final = 100
"""So many tokens come under a policy in one transaction, in which every other write waits."""


def come_under(work: Work, told: PolicyEdited) -> None:
    """Enforce a policy if that is asked for, and tell the holders of tokens that it concerns."""
    before, after = told.before, told.after
    stopped = stopping(work, before, after)
    if stopped:
        tell_stopped(work, stopped)
    renewed = after.enforce_at != before.enforce_at or after.limits != before.limits
    announced = after.enforce_at is not None and renewed
    if not (announced or told.at_once or after.limits != before.limits):
        return
    outside = outside_of(work, after)
    concerned = [
        one
        for one in outside
        if announced or told.at_once or abides(before, one.made_at, one.ends_at)
    ]
    if concerned:
        tell_outside(work, concerned, told)
    if told.at_once:
        for one in outside[:TOGETHER]:
            enforce(work, one.id, after)
        if len(outside) > TOGETHER:
            directory.postpone(work, told.organization, after)


def carry_out_due(work: Work) -> bool:
    """Have some tokens come under the policy whose day has come; return whether that was all.

    Raises:
        Conflict: if nothing is due, for somebody has withdrawn it meanwhile.
    """
    rules = directory.hold_policy(work.tx, work.caller.organization)
    directory.require_due(rules, work.now)
    outside = outside_of(work, rules, TOGETHER)
    for one in outside:
        enforce_due(work, one.id, rules)
    if len(outside) == TOGETHER:
        return False
    directory.settle_enforcement(work)
    return True


@operation("token.tell_of_policy", requires=None, methods=BY_HAND)
def tell_outside(work: Work, outside: Iterable[Lasting], told: PolicyEdited) -> None:
    """Tell the holders of these tokens that a new policy would not allow them."""
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    at = work.now if told.at_once else told.after.enforce_at
    for one in outside:
        if one.holder is None:
            continue
        facts: Facts = {
            "name": one.name,
            **page_of(one.kind),
            "expires_at": _spelled(one.ends_at),
            "enforce_at": _spelled(at),
            "ends_at": _spelled(at and end_of(told.after, one, at, told.organization)),
        }
        about = spell(Prefix.TOKEN, one.id)
        notices.tell(work, Told.POLICY_CHANGED, [one.holder], about, facts)


@operation("token.enforce_policy", requires=Scope.POLICY_MANAGE, methods=BY_HAND, fresh=True)
def enforce(work: Work, id_: TokenId, rules: Policy) -> Token:
    """Have a token come under a policy that somebody enforces now."""
    return _enforced(work, id_, rules)


@operation("token.enforce_due", requires=None, methods=frozenset({Method.SYSTEM}))
def enforce_due(work: Work, id_: TokenId, rules: Policy) -> Token:
    """Have a token come under a policy whose announced day has come."""
    return _enforced(work, id_, rules)


def _enforced(work: Work, id_: TokenId, rules: Policy) -> Token:
    here = work.caller.organization
    token = rows.hold(work.tx, here, id_, LASTING)
    work.permit(target=spell(Prefix.TOKEN, id_))
    is_over = token.state_in(here) not in LIVE or token.expired(work.now)
    if is_over or abides(rules, token.created_at, token.expires_at):
        return token
    if token.organization != here:
        return _sent_away(work, token)
    ends_at = end_under(rules, token.created_at, token.expires_at, work.now)
    after = put(work, token, replace(token, expires_at=ends_at, version=token.version + 1))
    shorten(work, after)
    if token.kind is Kind.CLIENT:
        end_by(work, lists.children(work.tx, after), after)
    elif token.kind is Kind.SERVICE and rules.cascade:
        end_by(work, lists.family(work.tx, after), after)
    return after


def _sent_away(work: Work, token: Token) -> Token:
    """Revoke here what is at home elsewhere: its end is not this organization's to say."""
    here = work.caller.organization
    waiting = requests.open_request(work.tx, here, token.id)
    close(work, [waiting] if waiting else [])
    told_taken(work, Told.TOKEN_REVOKED, token, here)
    closed = replace(token.closed(here, State.REVOKED), revoked_position=position_after(work, 1))
    return put(work, token, closed)


@operation("token.tell_of_stop", requires=None, methods=BY_HAND)
def tell_stopped(work: Work, stopped: Iterable[Stop]) -> None:
    """Tell the holders of these tokens that a new policy stops them; of idle ones the sweep tells.

    Where a token was used last may not be where it is used next, so that is told as a warning.
    """
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    for one, why in stopped:
        if one.holder is None or why is Why.IDLE:
            continue
        facts: Facts = {
            "name": one.name,
            **page_of(one.kind),
            "barred": why is Why.ROLE,
            "elsewhere": one.network if why is Why.ADDRESS else None,
        }
        about = spell(Prefix.TOKEN, one.id)
        notices.tell(work, Told.POLICY_CHANGED, [one.holder], about, facts)


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else spell_instant(at)
