"""What would change if a member had other roles or were shut out, said before; nothing written."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil import directory
from counterfoil.access.grant import Term
from counterfoil.access.scope import Scope
from counterfoil.directory import Member, Policy
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, RoleId, UserId, spell
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.holders import may_hold
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.stake import Fate, Stake, Stakes
from counterfoil.tokens.steps.stakes import changing, gathered
from counterfoil.tokens.store.behind import resting_on


@operation(
    "member.preview",
    requires=Scope.USERS_MANAGE,
    methods=SESSION_ONLY,
    reads=True,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
)
def preview_roles(work: Work, id_: UserId, roles: Iterable[RoleId]) -> Stakes:
    """Say which tokens would do more or less if a member had these roles and no others.

    Raises:
        Denied, Invalid, Conflict: as the change itself; LAST_ADMIN among them.
    """
    before = directory.member(work.tx, work.caller.organization, id_)
    work.permit(target=spell(Prefix.USER, id_))
    given = directory.roles_to_give(work, roles)
    after = directory.changed_member(work, before, lambda one: one.assigned(given))
    rules = directory.policy(work.tx, work.caller.organization)
    some = [
        (token, _behind_it(rules, token, before), _behind_it(rules, token, after))
        for token in _behind(work, id_)
    ]
    return gathered(work, int(after is not before), changing(work, some))


@operation(
    "member.preview_end",
    requires=Scope.USERS_MANAGE,
    methods=SESSION_ONLY,
    reads=True,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
)
def preview_end(work: Work, id_: UserId) -> Stakes:
    """Say which tokens would stop if a member were shut out, or their membership ended.

    Their own tokens are dead for good, in whatever state; what takes their authority rests.

    Raises:
        Denied, Conflict: as the deed itself; LAST_ADMIN among them.
    """
    before = directory.member(work.tx, work.caller.organization, id_)
    work.permit(target=spell(Prefix.USER, id_))
    directory.changed_member(work, before, lambda one: one.deactivated(work.head()))
    fates = ((token, _fate(token, work)) for token in _behind(work, id_))
    return gathered(work, 1, [Stake(token, fate) for token, fate in fates if fate is not None])


def _behind_it(rules: Policy, token: Token, member: Member) -> tuple[Term, ...]:
    """Return what a member's roles put behind a token, if they may have it at all."""
    return member.terms if token.kind is not Kind.PERSONAL or may_hold(rules, member) else ()


def _fate(token: Token, work: Work) -> Fate | None:
    if token.kind is Kind.PERSONAL:
        return Fate.ENDS
    works = token.state_in(work.caller.organization) is State.ACTIVE
    return Fate.RESTS if works else None


def _behind(work: Work, user: UserId) -> list[Token]:
    return resting_on(work.tx, work.caller.organization, "user", [user], work.now)
