"""What a personal token comes to now: what it was given, as far as its owner still has it."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil import directory
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.directory import User
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.holders import may_hold
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import rows


@dataclass(frozen=True, slots=True)
class Power:
    """What a token can do here now.

    Attributes:
        effective: what is left of it; nothing unless it is in force.
        owner: whose it is, with the roles that they have here.
        barred: whether it rests, for the policy allows none to these roles.
    """

    effective: Grant
    owner: User
    roles: tuple[str, ...]
    barred: bool = False


@operation("token.show_power", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def show_power(work: Work, id_: TokenId) -> Power:
    """Say what a personal token can do here now, by the rule that decides each request."""
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, (Kind.PERSONAL,))
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    assert token.owner is not None  # noqa: S101 - a personal token has one
    owner, grant = directory.user(work.tx, token.owner), token.grant_in(here)
    try:
        member = directory.member(work.tx, here, token.owner)
    except NotFound:
        return Power(Grant(()), owner, ())
    roles = tuple(role.name for role in member.roles)
    barred = not may_hold(directory.policy(work.tx, here), member)
    speaks = token.in_force(here, work.now) and member.active and not barred
    return Power(grant.bounds.of(member.terms if speaks else ()), owner, roles, barred)
