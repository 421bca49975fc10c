"""Who can do something somewhere: people and tokens, judged as each of their requests is.

A person or token is asked what every request is asked: is its kind of credential admitted, at a
surface where it is let in, to an operation that asks for the scope; and does its grant permit the
scope there. Both questions go to the very functions that decide requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import AnyScope, CustomScope, Scope
from counterfoil.access.surface import ALL_SURFACES, Surfaces
from counterfoil.directory import Member
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, RoleId, UserId, spell
from counterfoil.kernel.page import Page, Wanted, unknown_cursor
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import (
    ANY_CALLER,
    OPERATIONS,
    SESSION_ONLY,
    Operation,
    Work,
    operation,
)
from counterfoil.secret import Kind
from counterfoil.tokens.holders import may_hold
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.store import lists

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

_METHODS: Final = {
    Kind.PERSONAL: Method.PERSONAL,
    Kind.SERVICE: Method.SERVICE,
    Kind.CLIENT: Method.EXCHANGED,
}


@dataclass(frozen=True, slots=True)
class Able:
    """A person or a token that can do it.

    Attributes:
        member: the person, or whose authority the token takes; None for a role's.
        token: the token; None for the person themselves.
        roles: by which of their roles they can, or of which role the token takes the authority.
        surfaces: where it is let in to do it; for a scope of a registered API none count.
        name: what they are called.
        whose: what the person is called whose authority a token takes, if it is a person's.
    """

    name: str
    member: Member | None
    token: Token | None
    roles: tuple[str, ...]
    surfaces: Surfaces
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A piece of those who can, people first, by name.

    `of_people` and `of_organization` say whether personal tokens, and API tokens with pairs, were
    looked at: that is for who may see those.
    """

    able: Page[Able]
    of_people: bool
    of_organization: bool


@operation("access.who_can", requires=Scope.USERS_READ, methods=SESSION_ONLY, reads=True)
def who_can(work: Work, name: str, node: NodeId | None, wanted: Wanted) -> Answer:
    """Say who can do what a scope allows: on a node, or anywhere at all; a piece at a time.

    Raises:
        Invalid: for a scope that there is not, or a node where there is none to name.
        NotFound, Denied: for a node that the caller does not see.
    """
    work.permit(target=None if node is None else spell(Prefix.NODE, node))
    scope = _scope(work, name)
    on = _lineage(work, scope, node)
    if on is not None:
        work.caller.grant.permit(Scope.CONTENT_READ, on)
    asked = _Asked(work, scope, on)
    held = work.caller.grant.scopes
    of_people = bool(held & Scope.TOKENS_APPROVE.bit)
    of_organization = bool(held & Scope.TOKENS_MANAGE.bit)
    kinds = [Kind.PERSONAL] * of_people + [Kind.SERVICE, Kind.CLIENT] * of_organization
    people = {one.user: one for one in directory.everybody(work.tx, work.caller.organization)}
    names = directory.called(work.tx, people)
    able = [*_people(asked, people.values(), names), *_tokens(asked, kinds, people, names)]
    return Answer(_page(able, wanted), of_people, of_organization)


@operation("access.can_self", requires=None, methods=ANY_CALLER, surface=None, reads=True)
def can_self(work: Work, name: str, node: NodeId | None) -> Surfaces | None:
    """Say at which surfaces the caller itself can do what a scope allows; None if it cannot.

    It cannot on a node that there is not, nor on one that it does not see: which, is not told.

    Raises:
        Invalid: for a scope that there is not, or a node where there is none to name.
    """
    work.permit(target=None if node is None else spell(Prefix.NODE, node))
    scope = _scope(work, name)
    try:
        on = _lineage(work, scope, node)
    except NotFound:
        return None
    return _Asked(work, scope, on).answer(work.caller.method, work.caller.grant)


def _scope(work: Work, name: str) -> AnyScope:
    scope = work.vocabulary().scope(name)
    if not scope.bit:
        said = sentence("There is no scope %(name)r.", name=name[:100])
        raise Invalid(Code.INVALID_FIELD, said, field="/scope")
    return scope


def _page(able: list[Able], wanted: Wanted) -> Page[Able]:
    """Cut a piece out, people first and then by name."""
    placed = sorted(((_place(one), one) for one in able), key=lambda each: each[0])
    rest = placed
    if wanted.after is not None:
        try:
            last = msgspec.json.decode(wanted.after, type=tuple[bool, str, int])
        except msgspec.DecodeError:
            raise unknown_cursor() from None
        rest = [each for each in placed if each[0] > last]
    found = [one for _, one in rest[wanted.offset :][: wanted.size + 1]]
    return Page.cut(
        found, wanted, lambda one: msgspec.json.encode(_place(one)).decode(), len(placed)
    )


def _place(one: Able) -> tuple[bool, str, int]:
    if one.token is not None:
        return True, one.name.casefold(), one.token.id
    return False, one.name.casefold(), 0 if one.member is None else one.member.user


def _lineage(work: Work, scope: AnyScope, node: NodeId | None) -> Lineage | None:
    if node is None:
        return None
    if scope not in IN_A_TREE:
        told = f"{scope} holds in the organization as a whole: name no node."
        raise Invalid(Code.INVALID_FIELD, told, field="/node")
    return lineage_of(work.tx, work.caller.organization)(node)


class _Asked:
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


def _people(asked: _Asked, members: Iterable[Member], names: dict[UserId, str]) -> Iterator[Able]:
    """Yield the people who can, as they sign in."""
    for member in members:
        if not member.active or member.user not in names:
            continue
        found = asked.answer(Method.SESSION, Grant(member.terms))
        if found is not None:
            by = tuple(role.name for role in member.roles if asked.permits(Grant((role.term,))))
            yield Able(names[member.user], member, None, by, found)


def _tokens(
    asked: _Asked, kinds: list[Kind], people: dict[UserId, Member], names: dict[UserId, str]
) -> Iterator[Able]:
    """Yield the tokens in force that can, and the pairs whose tokens can."""
    work = asked.work
    here = work.caller.organization
    roles = {role.id: role for role in directory.roles_in(work.tx, here)}
    rules = directory.policy(work.tx, here)
    chosen = lists.Filter(kinds, live=True)
    for token in lists.every(work.tx, here, chosen, work.now) if kinds else ():
        grant = token.grant_in(here)
        if grant.standing is not State.ACTIVE or token.expired(work.now):
            continue
        member = people.get(UserId(token.subject or 0)) if token.authority == "user" else None
        if token.kind is Kind.PERSONAL and (member is None or not may_hold(rules, member)):
            continue
        role = roles.get(RoleId(token.subject or 0)) if token.authority == "role" else None
        terms: tuple[Term, ...] = () if member is None else member.terms
        if role is not None:
            terms = (role.term,)
        found = asked.answer(_METHODS[token.kind], grant.bounds.of(terms))
        if found is not None:
            by = () if role is None else (role.name,)
            whose = "" if member is None else names.get(member.user, "")
            yield Able(token.name, member, token, by, found, whose)
