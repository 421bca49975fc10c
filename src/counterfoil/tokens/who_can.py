"""Who can do something somewhere: people and tokens, judged as each of their requests is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surfaces
from counterfoil.directory import Member
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NodeId, Prefix, UserId, spell
from counterfoil.kernel.page import Page, Wanted, unknown_cursor
from counterfoil.operation import ANY_CALLER, SESSION_ONLY, Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.able import METHODS, Powers, Question, place_of, scope_called
from counterfoil.tokens.store import lists


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
    scope = scope_called(work, name)
    on = place_of(work, scope, node)
    if on is not None:
        work.caller.grant.permit(Scope.CONTENT_READ, on)
    asked = Question(work, scope, on)
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
    scope = scope_called(work, name)
    try:
        on = place_of(work, scope, node)
    except NotFound:
        return None
    return Question(work, scope, on).answer(work.caller.method, work.caller.grant)


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


def _people(asked: Question, members: Iterable[Member], names: dict[UserId, str]) -> Iterator[Able]:
    """Yield the people who can, as they sign in."""
    for member in members:
        if not member.active or member.user not in names:
            continue
        found = asked.answer(Method.SESSION, Grant(member.terms))
        if found is not None:
            by = tuple(role.name for role in member.roles if asked.permits(Grant((role.term,))))
            yield Able(names[member.user], member, None, by, found)


def _tokens(
    asked: Question, kinds: list[Kind], people: dict[UserId, Member], names: dict[UserId, str]
) -> Iterator[Able]:
    """Yield the tokens in force that can, and the pairs whose tokens can."""
    work = asked.work
    powers = Powers(work, people)
    chosen = lists.Filter(kinds, live=True)
    every = lists.every(work.tx, work.caller.organization, chosen, work.now) if kinds else ()
    for token in every:
        power = powers.of(token)
        found = None if power is None else asked.answer(METHODS[token.kind], power.grant)
        if power is not None and found is not None:
            by = () if power.role is None else (power.role.name,)
            whose = "" if power.member is None else names.get(power.member.user, "")
            yield Able(token.name, power.member, token, by, found, whose)
