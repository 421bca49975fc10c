"""What every change of a token ends with: its new state is written, and the gates are told.

These are steps of operations. A token with a live grant is told whole; one without is struck, and
all its secrets are retired.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from msgspec.structs import astuple
from sqlalchemy import Connection

from counterfoil.access.caller import Method
from counterfoil.access.scope import split
from counterfoil.feed.event import (
    AnyEvent,
    GrantRecord,
    SecretRecord,
    SecretTaken,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.feed.event import State as Told
from counterfoil.kernel.clock import micros
from counterfoil.operation import Work
from counterfoil.secret import Foreign, Kind, Secret
from counterfoil.tokens.model import State, Token, TokenGrant
from counterfoil.tokens.news import made, turned
from counterfoil.tokens.steps.changes import tell_change
from counterfoil.tokens.store import replay, rows, secrets
from counterfoil.tokens.store.bounds import read_bounds
from counterfoil.tokens.store.sealed import sealed


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, and the only copy of its secret that there will ever be."""

    token: Token
    secret: Secret


def issue(work: Work, new: Token) -> Issued:
    """Write a new token with a secret, and tell the gates."""
    secret = work.mint(new.kind)
    return Issued(keep(work, new, secret), secret)


def keep(work: Work, new: Token, secret: Secret | Foreign) -> Token:
    """Write a new token with what is kept of its secret, and tell the gates."""
    rows.add(work.tx, new)
    tell_change(work, None, new)
    secrets.add(work.tx, work.new_id(), new, secret, work.now, recipient(work))
    tell(work, new)
    work.announce(*made(new))
    return replace(new, hint=secret.hint)


def recipient(work: Work) -> int | None:
    """Return who is shown what the caller mints: a person, or a token; None for the operator."""
    caller = work.caller
    return caller.user if caller.method is Method.SESSION else caller.token


def put(work: Work, before: Token, after: Token) -> Token:
    """Write a token's new state, and tell the gates."""
    rows.save(work.tx, before, after)
    tell_change(work, before, after)
    work.announce(*turned(before, after))
    if after.live_grants:
        tell(work, after)
    else:
        sealed(work.tx, after, ())
        struck = secrets.retire(work.tx, after.id, work.now)
        if after.kind is Kind.CLIENT:
            work.emit(SecretTaken(organization=after.organization, token=after.id))
        else:
            work.emit(TokenStruck(organization=after.organization, token=after.id, digests=struck))
    return after


def tell(work: Work, token: Token, struck: tuple[bytes, ...] = ()) -> None:
    """Tell the gates what a token is now; of a pair, which opens none, that it changed."""
    living = secrets.live(work.tx, token.id)
    sealed(work.tx, token, living)
    if token.kind is Kind.CLIENT:
        work.emit(SecretTaken(organization=token.organization, token=token.id))
    elif token.is_sound or not token.live_grants:
        work.emit(record_of(token, living, struck))
    else:  # what somebody else has written opens no gate
        work.emit(TokenStruck(organization=token.organization, token=token.id, digests=struck))


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Yield the events that describe all that the gates must know of tokens now."""
    for token, held, kept in replay.known_to_gates(tx):
        id_, home, kind, name, authority, subject, expires_at, position, parent, issuer = token[:10]
        yield TokenRecorded(
            organization=home,
            token=id_,
            letter=_LETTERS[kind],
            name=name,
            authority=authority,
            subject=subject,
            expires_at=expires_at,
            position=position,
            parent=parent,
            issuer=issuer if kind == _SERVICE else None,
            secrets=tuple([SecretRecord(digest, dies_at) for _, digest, dies_at in kept]),
            grants=tuple([_told(grant[1:]) for grant in held]),
        )


def record_of(
    token: Token, living: tuple[SecretRecord, ...], struck: tuple[bytes, ...] = ()
) -> TokenRecorded:
    """Say what a gate must know of a token with its living secrets."""
    return TokenRecorded(
        organization=token.organization,
        token=token.id,
        letter=str(token.kind),
        name=token.name,
        authority=token.authority,
        subject=token.subject,
        expires_at=None if token.expires_at is None else micros(token.expires_at),
        position=token.position,
        parent=token.parent,
        issuer=token.issuer if token.kind is Kind.SERVICE else None,
        secrets=living,
        grants=tuple(_grant(grant) for grant in token.live_grants),
        struck=struck,
    )


@lru_cache(maxsize=1 << 14)
def _told(columns: tuple[Any, ...]) -> GrantRecord:
    """Read the columns of a grant; remembered, for most tokens of an organization say the same."""
    organization, state, _, scopes, custom, roots, surfaces, ceiling, conditions = columns
    bounds = read_bounds(
        scopes=scopes,
        custom=json.loads(custom),
        roots=_json(roots),
        surfaces=surfaces,
        ceiling=_json(ceiling),
        kept=_json(conditions),
    )
    return _grant(TokenGrant(organization, state, bounds))


def _json(said: str | None) -> Any:  # noqa: ANN401 - lists and an object
    return None if said is None else json.loads(said)


_SERVICE: Final = rows.kind_name(Kind.SERVICE)

_LETTERS: Final = {rows.kind_name(kind): str(kind) for kind in Kind}

_TOLD: dict[State, Told] = {
    State.PENDING: "pending",
    State.ACTIVE: "active",
    State.DISABLED: "disabled",
}


def _grant(grant: TokenGrant) -> GrantRecord:
    bounds = grant.bounds
    scopes, custom = (None, ()) if bounds.scopes is None else split(bounds.scopes)
    networks, rate, since = astuple(bounds.conditions)
    return GrantRecord(
        organization=grant.organization,
        state=_TOLD[grant.state],
        scopes=scopes,
        surfaces=bounds.surfaces,
        roots=None if bounds.roots is None else tuple(sorted(bounds.roots)),
        custom=custom,
        ceiling=None if bounds.ceiling is None else tuple(sorted(bounds.ceiling)),
        networks=None if networks is None else networks.spelled,
        rate=None if rate is None else astuple(rate),
        not_before=None if since is None else micros(since),
    )
