"""What would change if a role did, said before, by the rules that change it; nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from counterfoil import directory
from counterfoil.access.role import Role
from counterfoil.access.scope import Scope
from counterfoil.directory import Member
from counterfoil.kernel.ids import Prefix, RoleId, spell
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.tokens.model import Token
from counterfoil.tokens.stake import Stakes
from counterfoil.tokens.steps.stakes import Authority, changing, gathered
from counterfoil.tokens.store.behind import resting_on


@operation("role.preview", requires=Scope.ROLES_MANAGE, methods=SESSION_ONLY, reads=True)
def preview_role(work: Work, id_: RoleId, change: Callable[[Role], Role] | None) -> Stakes:
    """Say which tokens would do more or less if a custom role changed, or were no more.

    Raises:
        Conflict: for a built-in role.
        Denied, Invalid: as the change itself.
    """
    here = work.caller.organization
    before = directory.role(work.tx, here, id_)
    work.permit(target=spell(Prefix.ROLE, id_))
    directory.require_custom(before)
    after = None if change is None else directory.changed_role(work, before, change)
    holders = directory.members_with(work.tx, here, id_)
    some = [*_by_role(work, before, after), *_by_users(work, holders, before, after)]
    return gathered(work, len(holders), changing(work, some))


def _by_role(
    work: Work, before: Role, after: Role | None
) -> Iterator[tuple[Token, Authority, Authority]]:
    """Yield the API tokens and pairs that take the role itself."""
    then = () if after is None else (after.term,)
    for token in resting_on(work.tx, before.organization, "role", [before.id], work.now):
        yield token, (before.term,), then


def _by_users(
    work: Work, holders: list[Member], before: Role, after: Role | None
) -> Iterator[tuple[Token, Authority, Authority]]:
    """Yield the tokens that take the authority of who holds the role."""
    holding = {int(one.user): one for one in holders}
    for token in resting_on(work.tx, before.organization, "user", holding, work.now):
        member = holding[token.subject or 0]
        kept = tuple(role for role in member.roles if role.id != before.id)
        then = kept if after is None else (*kept, after)
        yield token, member.terms, replace(member, roles=then).terms
