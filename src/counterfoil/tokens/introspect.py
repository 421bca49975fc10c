"""What a token is good for, told to a server that was shown it (RFC 7662).

It is told of what is in force in the caller's own organization, and of nothing else: all the rest
is one and the same nothing. Whether it is in force has been found out by the gate, as for any
request; and being asked about is no use of a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.roots import Roots
from counterfoil.access.scope import ALL_BUILT_IN, EVERY_SCOPE, NO_SCOPES, Scope, Scopes, join
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import ANY_TOKEN, Work, operation
from counterfoil.tokens.exchange import holder_of


@dataclass(frozen=True, slots=True)
class Known:
    """A token that is in force.

    Attributes:
        caller: what the gate makes of it.
        everywhere: the scopes that no root bounds, by name.
        somewhere: all that it holds, be it below some roots alone.
        roots: those of the token itself, as far as the caller may know of them; None for none.
        audiences: the registered APIs of which it holds a scope.
        serves_us: whether it holds a scope of ours.
        client: the pair that it was given to.
        lender: the personal token that it was exchanged for.
        created_at: None for a session.
    """

    caller: Caller
    everywhere: tuple[str, ...]
    somewhere: tuple[str, ...]
    roots: Roots
    audiences: tuple[str, ...]
    serves_us: bool
    client: TokenId | None
    lender: TokenId | None
    created_at: datetime | None


@operation("token.introspect", requires=Scope.GATES_INTROSPECT, methods=ANY_TOKEN, reads=True)
def introspect(work: Work, found: Caller | None, audience: str | None = None) -> Known | None:
    """Return what there is to know of a token that somebody presented.

    Args:
        work: of the server that asks.
        found: who the gate says presented it here; None if it lets them in nowhere.
        audience: of the registered API that asks, if it wants to hear of its own scopes alone: a
            token that holds none of them is good for nothing there.

    Raises:
        Malformed: no API of the organization has this audience.
    """
    target = None if found is None or found.token is None else spell(Prefix.TOKEN, found.token)
    work.permit(target=target)
    served = {one.audience: join(NO_SCOPES, one.numbers) for one in _apis(work, audience)}
    within = EVERY_SCOPE if audience is None else served[audience]
    if found is None or (audience is not None and not found.grant.scopes & within):
        return None
    token = None if found.credential is None else holder_of(work.tx, found.credential)
    held, names = found.grant.scopes & within, work.vocabulary()
    return Known(
        caller=found,
        everywhere=names.spell(_unbounded(found.grant) & within),
        somewhere=names.spell(held),
        roots=_told(work, found.grant),
        audiences=tuple(sorted(name for name, mask in served.items() if held & mask)),
        serves_us=bool(held & ALL_BUILT_IN and found.grant.surfaces),
        client=found.parent if found.method is Method.EXCHANGED else None,
        lender=found.parent if found.method is Method.PERSONAL else None,
        created_at=None if token is None else token.created_at,
    )


def _apis(work: Work, audience: str | None) -> list[directory.Api]:
    """Return the APIs in question; looked up whatever is known of the token, so it takes as long.

    Raises:
        Malformed: there is none of this audience.
    """
    apis = directory.apis_in(work.tx, work.caller.organization)
    if audience is None:
        return apis
    named = [one for one in apis if one.audience == audience]
    if not named:
        raise Malformed(
            Code.INVALID_REQUEST,
            sentence("No API of this organization has the audience %(name)r.", name=audience[:80]),
            meta={"error": "invalid_target"},  # RFC 8707 §2
        )
    return named


def _unbounded(grant: Grant) -> Scopes:
    """Return the scopes that hold wherever they are asked for."""
    if grant.limits:
        return NO_SCOPES
    return reduce(or_, (term.scopes for term in grant.terms if term.roots is None), NO_SCOPES)


def _told(work: Work, grant: Grant) -> Roots:
    """Return the token's own roots, without those that the caller is not told of (S30)."""
    if not grant.limits:
        return None
    return directory.nodes_told(work, grant.limits[0], Scope.GATES_INTROSPECT)
