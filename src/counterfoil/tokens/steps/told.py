"""Where other people's tokens reach, as far as who looks is told of nodes (S30).

What comes of these steps is shown and never judged: a token with fewer roots than it has is another
token.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Token
from counterfoil.tokens.request_model import Request


def tokens_told(work: Work, tokens: Iterable[Token]) -> list[Token]:
    """Return tokens as the caller is told of them: whole if they are its own."""
    here, several = work.caller.organization, list(tokens)
    bounds = {one.id: one.grant_in(here).bounds for one in several if not _is_own(work, one)}
    by_person = {one.id: one.kind is Kind.PERSONAL for one in several}
    told = dict[int, Bounds]()
    for scope, personal in ((Scope.TOKENS_APPROVE, True), (Scope.TOKENS_MANAGE, False)):
        some = {id_: one for id_, one in bounds.items() if by_person[id_] is personal}
        told |= zip(some, _told(work, list(some.values()), scope), strict=True)
    return [
        one.with_grant(replace(one.grant_in(here), bounds=told[one.id])) if one.id in told else one
        for one in several
    ]


def request_told(work: Work, request: Request) -> Request:
    """Return a request as the caller is told of it: whole to who asked."""
    if _is_person(work, request.requester):
        return request
    (bounds,) = _told(work, [request.bounds], Scope.TOKENS_APPROVE)
    return replace(request, bounds=bounds)


def _told(work: Work, several: list[Bounds], scope: Scope) -> list[Bounds]:
    named = frozenset[NodeId]().union(*(one.roots or () for one in several))
    told = directory.nodes_told(work, named, scope)
    if told == named:
        return several
    return [one if one.roots is None else replace(one, roots=one.roots & told) for one in several]


def _is_own(work: Work, token: Token) -> bool:
    return token.id == work.caller.token or _is_person(work, token.owner)


def _is_person(work: Work, user: int | None) -> bool:
    return work.caller.method is Method.SESSION and user == work.caller.user
