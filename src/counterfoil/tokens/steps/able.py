"""Whether somebody can do something somewhere, judged as each of their requests is.

Two questions go to the very functions that decide requests: is this kind of credential admitted, at
a surface where it is let in, to an operation that asks for the scope; and does the grant permit the
scope there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.role import Role
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import AnyScope, CustomScope, Scope
from counterfoil.access.surface import ALL_SURFACES, Surfaces
from counterfoil.directory import Member
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, RoleId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import OPERATIONS, Operation, Work
from counterfoil.secret import Kind
from counterfoil.tokens.holders import may_hold
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.steps.plan import lineage_of

IN_A_TREE: Final = frozenset(
    {
        Scope.CONTENT_READ,
        Scope.CONTENT_WRITE,
        Scope.CONTENT_PUBLISH,
        Scope.CONTENT_DELETE,
        Scope.ASSETS_READ,
        Scope.ASSETS_WRITE,
    }
)
"""What is asked of a node; all else holds in the organization as a whole."""

METHODS: Final = MappingProxyType(
    {
        Kind.PERSONAL: Method.PERSONAL,
        Kind.SERVICE: Method.SERVICE,
        Kind.CLIENT: Method.EXCHANGED,
    }
)
"""As which kind of credential a token asks."""


def scope_called(work: Work, name: str) -> AnyScope:
    """Return the scope of this name.

    Raises:
        Invalid: if there is none.
    """
    scope = work.vocabulary().scope(name)
    if not scope.bit:
        said = sentence("There is no scope %(name)r.", name=name[:100])
        raise Invalid(Code.INVALID_FIELD, said, field="/scope")
    return scope


def place_of(work: Work, scope: AnyScope, node: NodeId | None) -> Lineage | None:
    """Return where a node stands; nothing for none.

    Raises:
        Invalid: for a scope that holds in the organization as a whole.
        NotFound: for a node that there is not.
    """
    if node is None:
        return None
    if scope not in IN_A_TREE:
        told = f"{scope} holds in the organization as a whole: name no node."
        raise Invalid(Code.INVALID_FIELD, told, field="/node")
    return lineage_of(work.tx, work.caller.organization)(node)


class Question:
    """One question, put to many callers: may it, and where is it let in to?"""

    def __init__(self, work: Work, scope: AnyScope, on: Lineage | None) -> None:
        self.work = work
        self._scope = scope
        self._on = on
        self._doing = [one for one in OPERATIONS.values() if _asks_for(one, scope)]
        self.answer = cache(self._answer)

    def _answer(self, method: Method, grant: Grant) -> Surfaces | None:
        """Return at which surfaces a caller may do it; None for who may not."""
        if not self.permits(grant):
            return None
        if isinstance(self._scope, CustomScope) or not self._doing:
            return 0 if isinstance(self._scope, CustomScope) else ALL_SURFACES
        now = self.work.now
        caller = Caller(self.work.caller.organization, None, method, grant, authenticated_at=now)
        found: Surfaces = 0
        for one in self._doing:
            try:
                one.admit(caller, now)
            except Denied:
                continue
            found |= ALL_SURFACES & grant.surfaces if one.surface is None else one.surface.bit
        return found or None

    def permits(self, grant: Grant) -> bool:
        """Say whether a grant holds the scope, there or anywhere."""
        try:
            if self._on is None:
                grant.hold(self._scope)
            else:
                grant.permit(self._scope, self._on)
        except (Denied, NotFound):
            return False
        return True


def _asks_for(one: Operation, scope: AnyScope) -> bool:
    """Say whether an operation lets one do what a scope allows. Lists of content show assets."""
    if scope is Scope.ASSETS_READ:
        return one.requires in {Scope.ASSETS_READ, Scope.CONTENT_READ}
    return one.requires is scope


@dataclass(frozen=True, slots=True)
class Power:
    """What a token has here: its grant, and by whose authority or by which role's."""

    grant: Grant
    member: Member | None
    role: Role | None


class Powers:
    """What tokens have in the organization, as it is now."""

    def __init__(self, work: Work, people: Mapping[UserId, Member]) -> None:
        self._now = work.now
        self._here = work.caller.organization
        self._people = people
        self._roles = {role.id: role for role in directory.roles_in(work.tx, self._here)}
        self._rules = directory.policy(work.tx, self._here)

    def of(self, token: Token) -> Power | None:
        """Return what a token has; None for one that is not in force."""
        grant = token.grant_in(self._here)
        if grant.standing is not State.ACTIVE or token.expired(self._now):
            return None
        subject = token.subject or 0
        member = self._people.get(UserId(subject)) if token.authority == "user" else None
        if token.kind is Kind.PERSONAL and (member is None or not may_hold(self._rules, member)):
            return None
        role = self._roles.get(RoleId(subject)) if token.authority == "role" else None
        terms: tuple[Term, ...] = () if member is None else member.terms
        if role is not None:
            terms = (role.term,)
        return Power(grant.bounds.of(terms), member, role)
