"""A pair is exchanged for a short-lived token: OAuth client credentials (A15, RFC 6749 §4.4).

An exchanged token is a row like any other, so that it has an id for the trail, stands in a rebuilt
replica while it lives, and dies with its pair.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scopes
from counterfoil.kernel.errors import Code, NotFound, Refused
from counterfoil.kernel.ids import Prefix, TokenId, UserId, read, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.model import State, Token, TokenGrant
from counterfoil.tokens.steps.authority import terms_of
from counterfoil.tokens.steps.fence import require_met
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.steps.record import Issued, issue
from counterfoil.tokens.store import rows, secrets

LIFETIME: Final = timedelta(minutes=10)
_PAIR: Final = (Kind.CLIENT,)


def pair_for(tx: Connection, client_id: str, digest: bytes) -> Token:
    """Return the pair that a key and the digest of a secret name together.

    Raises:
        Refused: if they do not, whatever is wrong with which of them.
    """
    found = secrets.token_of(tx, digest)
    try:
        key = read(Prefix.TOKEN, client_id)
        if found is None or found[1] != key:
            raise Refused
        return rows.token(tx, *found, _PAIR)
    except NotFound:
        raise Refused from None


def holder_of(tx: Connection, digest: bytes) -> Token | None:
    """Return the token whose secret a digest is, whatever its kind; None if it is nobody's now."""
    found = secrets.token_of(tx, digest)
    return None if found is None else rows.token(tx, *found, tuple(Kind))


def as_client(pair: Token) -> Caller:
    """Return the caller that a pair is at the token endpoint: it can be exchanged, no more."""
    return Caller(
        organization=pair.organization,
        user=None,
        method=Method.SYSTEM,
        grant=Grant(()),
        token=pair.id,
        token_name=pair.name,
    )


@operation("token.exchange", requires=None, methods=frozenset({Method.SYSTEM}), surface=None)
def exchange(work: Work, scopes: Scopes | None = None) -> Issued:
    """Give a short-lived token for the pair that calls, for all that it may do or for less.

    Where the feed stands is read before the pair is looked at: what ends the pair in between ends
    what it gets, too.
    """
    position = work.head()
    pair = _in_force(work)
    work.permit(target=spell(Prefix.TOKEN, pair.id))
    bounds = pair.grant_in(pair.organization).bounds
    require_met(work, pair)
    if scopes is not None:
        terms = bounds.of(terms_of(work, pair.authority, pair.subject)).terms
        at = lineage_of(work.tx, pair.organization)
        policy.require_scopes(scopes, bounds.roots, terms, at, work.vocabulary())
        bounds = replace(bounds, scopes=scopes)
    ends_at = work.now + LIFETIME
    new = Token(
        id=TokenId(work.new_id()),
        organization=pair.organization,
        kind=Kind.EXCHANGED,
        name=pair.name,
        authority=pair.authority,
        subject=pair.subject,
        position=position,
        created_at=work.now,
        grants=(TokenGrant(pair.organization, State.ACTIVE, bounds),),
        expires_at=ends_at if pair.expires_at is None else min(ends_at, pair.expires_at),
        parent=pair.id,
    )
    return issue(work, new)


def _in_force(work: Work) -> Token:
    """Hold the pair that calls, so that nothing is given for one that is just being revoked."""
    if work.caller.token is None:
        raise Refused
    pair = rows.hold(work.tx, work.caller.organization, work.caller.token, _PAIR)
    require_in_force(work, pair)
    return pair


def require_in_force(work: Work, pair: Token) -> None:
    """Return if a pair is good now.

    Raises:
        Refused: it is not, for whoever holds its secret to read.
    """
    state = pair.state_in(pair.organization)
    if state is State.DISABLED:
        raise Refused(Code.TOKEN_DISABLED)
    if state is not State.ACTIVE:
        raise Refused
    if pair.expired(work.now):
        raise Refused(Code.TOKEN_EXPIRED)
    _require_somebody(work, pair)


def _require_somebody(work: Work, pair: Token) -> None:
    """Return if whoever stands behind a pair is here: while they are away, no gate admits it."""
    if pair.authority == "role":
        return
    if pair.authority == "none" or pair.subject is None:
        raise Refused(Code.TOKEN_HAS_NO_USER)
    try:
        member = directory.member(work.tx, pair.organization, UserId(pair.subject))
    except NotFound:
        raise Refused(Code.OWNER_DEACTIVATED) from None
    if not member.active:
        raise Refused(Code.OWNER_DEACTIVATED)
