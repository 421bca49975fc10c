"""Secrets at rest: their digests, each written once with its row and named by no UPDATE (S4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from counterfoil.feed.event import SecretRecord
from counterfoil.kernel.clock import instant, micros
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.runtime.prepared import Prepared
from counterfoil.secret import Foreign, Secret
from counterfoil.tokens.model import LIVE, State, Token
from counterfoil.tokens.store.tables import grants, secrets, tokens

_BELOW: Final = 500  # names in one IN list, below the limits of both engines
_KEPT: Final = Prepared(
    select(
        secrets.c.token_id,
        secrets.c.hint,
        secrets.c.digest,
        secrets.c.dies_at,
        secrets.c.retired_at,
    )
    .where(secrets.c.token_id.in_(bindparam("ids", expanding=True)))
    .order_by(  # the newest last: it is the one that a person has
        secrets.c.retired_at.is_(None),
        secrets.c.dies_at.is_(None),
        secrets.c.retired_at,
        secrets.c.created_at,
    )
)
_RETIRING: Final = (
    update(secrets)
    .where(secrets.c.token_id == bindparam("token"), secrets.c.retired_at.is_(None))
    .values(
        retired_at=bindparam("at", type_=secrets.c.retired_at.type),
        version=secrets.c.version + 1,
    )
    .returning(secrets.c.digest)
)
_RETIRE: Final = Prepared(_RETIRING)
_RETIRE_DYING: Final = Prepared(_RETIRING.where(secrets.c.dies_at <= bindparam("by")))


def add(  # noqa: PLR0917 - the columns of a secret
    tx: Connection,
    id_: int,
    token: Token,
    secret: Secret | Foreign,
    now: datetime,
    shown_to: int | None,
) -> None:
    """Write what is kept of a new secret, and who is shown it: a person or a token, by id."""
    tx.execute(
        insert(secrets).values(
            id=id_,
            organization_id=token.organization,
            token_id=token.id,
            digest=secret.digest,
            scheme=secret.scheme,
            hint=secret.hint,
            created_at=now,
            shown_to=shown_to,
            version=1,
        )
    )


def live(tx: Connection, token: TokenId) -> tuple[SecretRecord, ...]:
    """Return the digests of a token that are not retired, oldest first."""
    rows = tx.execute(
        select(secrets.c.digest, secrets.c.dies_at)
        .where(secrets.c.token_id == token, secrets.c.retired_at.is_(None))
        .order_by(secrets.c.dies_at.is_(None), secrets.c.id)
    )
    return tuple(
        SecretRecord(bytes(row.digest), None if row.dies_at is None else micros(row.dies_at))
        for row in rows
    )


def shown_to(tx: Connection, token: TokenId) -> list[int | None]:
    """Return who was shown the secrets of a token that are not retired."""
    query = select(secrets.c.shown_to)
    live_ones = query.where(secrets.c.token_id == token, secrets.c.retired_at.is_(None))
    return list(tx.execute(live_ones).scalars())


def retire(
    tx: Connection, token: TokenId, now: datetime, *, dying_by: datetime | None = None
) -> tuple[bytes, ...]:
    """Put an end to all secrets of a token, or to those alone that are to die by then."""
    told = {"token": token, "at": now}
    if dying_by is None:
        found = _RETIRE.all(tx, told)
    else:
        found = _RETIRE_DYING.all(tx, {**told, "by": dying_by})
    return tuple(sorted(bytes(row.digest) for row in found))


def let_die(tx: Connection, token: TokenId, at: datetime) -> None:
    """Give the present secret of a token until then."""
    tx.execute(
        update(secrets)
        .where(secrets.c.token_id == token, secrets.c.retired_at.is_(None))
        .values(dies_at=at, version=secrets.c.version + 1)
    )


def token_of(tx: Connection, digest: bytes) -> tuple[OrganizationId, TokenId] | None:
    """Return whose secret a digest is, with its home; None if it is nobody's now."""
    row = tx.execute(
        select(secrets.c.organization_id, secrets.c.token_id).where(
            secrets.c.digest == digest, secrets.c.retired_at.is_(None)
        )
    ).one_or_none()
    return None if row is None else (OrganizationId(row[0]), TokenId(row[1]))


class Owner(NamedTuple):
    """Of which token a secret is or was, and where that was made.

    `lives_on` says of a retired secret that the token still has another.
    """

    organization: OrganizationId
    token: TokenId
    lives_on: bool


def owners(tx: Connection, digests: Sequence[bytes]) -> dict[bytes, Owner]:
    """Return the owners of secrets, live or not, of those that are anybody's at all."""
    at_home = (grants.c.token_id == tokens.c.id) & (
        grants.c.organization_id == tokens.c.organization_id
    )
    found: dict[bytes, Owner] = {}
    for start in range(0, len(digests), _BELOW):
        rows = tx.execute(
            select(
                secrets.c.digest,
                secrets.c.retired_at,
                tokens.c.organization_id,
                tokens.c.id,
                grants.c.state,
            )
            .join(tokens, tokens.c.id == secrets.c.token_id)
            .join(grants, at_home)
            .where(secrets.c.digest.in_(digests[start : start + _BELOW]))
        )
        for row in rows:
            lives_on = row.retired_at is not None and State(row.state) in LIVE
            owner = Owner(OrganizationId(row.organization_id), TokenId(row.id), lives_on)
            found[bytes(row.digest)] = owner
    return found


def keep_only(
    tx: Connection, token: TokenId, kept: Mapping[bytes, int | None], now: datetime
) -> None:
    """Put an end to the secrets of a token but these, each with its death in Unix microseconds."""
    present = {one.digest: one.dies_at for one in live(tx, token)}
    for digest, dies_at in present.items():
        its = update(secrets).where(secrets.c.token_id == token, secrets.c.digest == digest)
        if digest not in kept:
            tx.execute(its.values(retired_at=now, version=secrets.c.version + 1))
            continue
        end = kept[digest]
        if end is not None and (dies_at is None or end < dies_at):
            tx.execute(its.values(dies_at=instant(end), version=secrets.c.version + 1))


@dataclass(slots=True)
class Kept:
    """The hint of a token's newest secret, and those that are not retired."""

    hint: str | None = None
    living: list[SecretRecord] = field(default_factory=list)


def kept_of(tx: Connection, ids: list[int]) -> defaultdict[int, Kept]:
    """Return what is kept of the secrets of tokens, by their ids."""
    found: defaultdict[int, Kept] = defaultdict(Kept)
    for start in range(0, len(ids), _BELOW):
        for row in _KEPT.all(tx, {"ids": ids[start : start + _BELOW]}):
            its = found[row.token_id]
            its.hint = row.hint
            if row.retired_at is None:
                dies_at = None if row.dies_at is None else micros(row.dies_at)
                its.living.append(SecretRecord(bytes(row.digest), dies_at))
    return found
