"""Tokens in the database: how they come out of it and go in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from counterfoil import directory
from counterfoil.kernel.errors import NotFound, Stale
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.runtime.prepared import Prepared
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, State, Token, TokenGrant
from counterfoil.tokens.store import reminders, seals
from counterfoil.tokens.store.bounds import as_bounds, bounds_at_all, bounds_columns
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.held import hold_row
from counterfoil.tokens.store.secrets import Kept, kept_of
from counterfoil.tokens.store.tables import grants, tokens, widened

BELOW: Final = 500  # names in one IN list, below the limits of both engines
_PLACE: Final = Prepared(
    select(tokens)
    .join(grants, grants.c.token_id == tokens.c.id)
    .where(
        tokens.c.id == bindparam("token"),
        grants.c.organization_id + 0 == bindparam("here"),  # + 0: found by its token instead
        tokens.c.kind.in_(bindparam("kinds", expanding=True)),
    )
)
_GRANTS: Final = Prepared(
    beside(
        select(grants, is_cut_off.label("is_cut_off"), *directory.cut_beside).join(
            tokens, tokens.c.id == grants.c.token_id
        ),
        grants.c.organization_id,
    )
    .where(grants.c.token_id.in_(bindparam("ids", expanding=True)))
    .order_by(grants.c.token_id, grants.c.organization_id)
)
_BESIDE: Final = -len(directory.cut_beside)
_TO: Final = "to_"
"""With this begins the name of a parameter that says what a column becomes."""
_KEPT: Final = frozenset({"id", "organization_id", "token_id", "seal"})
"""What a change of a row leaves alone. Others are named by its keys: where they are written, though
as they were, a database looks whether anybody is named by the former ones."""
_FOUND_BY: Final = {column.name for index in tokens.indexes for column in index.columns} - _KEPT
"""What tokens are found by: written, though as it was, it has SQLite write each index over it."""
_CHANGE: Final = Prepared(
    update(grants)
    .where(grants.c.token_id == bindparam("token"), grants.c.organization_id == bindparam("here"))
    .values(
        {
            one: bindparam(f"{_TO}{one.name}", type_=one.type)
            for one in grants.c
            if one.name not in _KEPT
        }
    )
)


def add(tx: Connection, token: Token) -> None:
    """Write a new token and its grants."""
    tx.execute(insert(tokens).values(columns(token)))
    tx.execute(insert(grants), [grant_columns(token, grant) for grant in token.grants])


def save(tx: Connection, before: Token, after: Token) -> None:
    """Write a token's new state.

    Raises:
        Stale: if it is not as it was any more.
    """
    was, becoming = columns(before), columns(after)
    same = {name for name in _FOUND_BY if before.is_sound and was[name] == becoming[name]}
    written = {name: value for name, value in becoming.items() if name not in same}
    told = {"token": before.id, "was": before.version, **_becoming(written)}
    if _saving(frozenset(same)).run(tx, told) != 1:
        raise Stale
    before_in = {grant.organization: grant for grant in before.grants}
    for grant in after.grants:
        if grant.organization not in before_in:
            tx.execute(insert(grants).values(grant_columns(after, grant)))
        elif grant != before_in[grant.organization]:
            told = {"token": after.id, "here": grant.organization}
            _CHANGE.run(tx, {**told, **_becoming(grant_columns(after, grant))})


@cache
def _saving(same: frozenset[str]) -> Prepared:
    written = {
        one: bindparam(f"{_TO}{one.name}", type_=one.type)
        for one in tokens.c
        if one.name not in _KEPT | same
    }
    here = tokens.c.id == bindparam("token"), tokens.c.version == bindparam("was")
    return Prepared(update(tokens).where(*here).values(written))


def hang(tx: Connection, token: Token, by: TokenId) -> None:
    """Write down that a token was widened by another, which takes it along when it goes."""
    known = select(widened.c.by_id).where(widened.c.token_id == token.id, widened.c.by_id == by)
    if by != token.id and tx.execute(known).first() is None:
        row = {"organization_id": token.organization, "token_id": token.id, "by_id": by}
        tx.execute(insert(widened).values(row))


def token(
    tx: Connection, organization: OrganizationId, id_: TokenId, kinds: Collection[Kind]
) -> Token:
    """Find a token of these kinds that speaks in this organization, or raise NotFound (S25)."""
    kept = [kind_name(kind) for kind in kinds]
    found = _PLACE.first(tx, {"token": id_, "here": organization, "kinds": kept})
    if found is None:
        raise NotFound
    return whole(tx, [found])[0]


def hold(
    tx: Connection, organization: OrganizationId, id_: TokenId, kinds: Collection[Kind]
) -> Token:
    """Find a token, and let nobody else change it or its requests before this work commits."""
    hold_row(tx, id_)
    return token(tx, organization, id_, kinds)


def load(tx: Connection, query: Select[Any]) -> list[Token]:
    """Return the tokens that a query over `tokens` selects, whole."""
    return whole(tx, tx.execute(query).all())


def whole(tx: Connection, rows: Sequence[Any]) -> list[Token]:
    """Return the tokens of these rows, whole."""
    held = _grants_of(tx, [row.id for row in rows])
    kept = kept_of(tx, [row.id for row in rows])
    return [_whole(tx, row, held[row.id], kept[row.id]) for row in rows]


def _becoming(values: Mapping[str, object]) -> dict[str, object]:
    """Name values as parameters: one that is a list is a tuple, or it would be looked into."""
    return {
        f"{_TO}{name}": tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name not in _KEPT
    }


def kind_name(kind: Kind) -> str:
    """Return how the tables spell a kind."""
    return kind.name.lower()


def columns(token: Token) -> dict[str, object]:
    """Return a token as the columns in which it is kept, but for its seal."""
    return {
        "id": token.id,
        "organization_id": token.organization,
        "kind": kind_name(token.kind),
        "owner_id": token.owner,
        "issuer_id": token.issuer,
        "issuer_token_id": token.issuer_token,
        "name": token.name,
        "description": token.description,
        "authority": token.authority,
        "subject_id": token.subject,
        "expires_at": token.expires_at,
        "position": token.position,
        "predecessor_id": token.predecessor,
        "parent_id": token.parent,
        "hardcoded_type": token.hardcoded_type,
        "spans_all": token.spans_all,
        "reminders": reminders.written(token.reminders),
        "created_at": token.created_at,
        "revoked_at": token.revoked_at,
        "revoked_position": token.revoked_position,
        "version": token.version,
    }


def grant_columns(token: Token, grant: TokenGrant) -> dict[str, object]:
    """Return a grant of a token as the columns in which it is kept."""
    return {
        "token_id": token.id,
        "organization_id": grant.organization,
        "state": str(grant.state),
        "disabled_by": grant.disabled_by,
        "on_since": grant.on_since,
        "version": token.version,
        **bounds_columns(grant.bounds),
    }


def _grants_of(tx: Connection, ids: list[int]) -> defaultdict[int, list[Row[Any]]]:
    held: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for some in _pieces(ids):
        for row in _GRANTS.all(tx, {"ids": some}):
            held[row.token_id].append(row)
    return held


def _pieces(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + BELOW] for start in range(0, len(ids), BELOW))


def _whole(tx: Connection, row: Row[Any], held: list[Row[Any]], kept: Kept) -> Token:
    live = [grant for grant in held if grant.state in LIVE]
    is_sound = seals.holds(tx, row.seal, seals.said_in(row, live, kept.living))
    its = tuple(
        _grant(
            grant,
            is_sound=is_sound,
            is_cut_off=grant.is_cut_off or not directory.is_cut_sound(tx, grant[_BESIDE:]),
        )
        for grant in held
    )
    return replace(_token(row, its, kept.hint), is_sound=is_sound)


_STATES: Final = {str(state): state for state in State}
_KINDS: Final = {kind_name(kind): kind for kind in Kind}
"""What is none of them somebody else has written: a token that is dead by it, or was before."""


def _grant(row: Row[Any], *, is_sound: bool, is_cut_off: bool) -> TokenGrant:
    return TokenGrant(
        organization=OrganizationId(row.organization_id),
        state=_STATES.get(row.state, State.REVOKED),
        bounds=as_bounds(row) if is_sound else bounds_at_all(row),
        disabled_by=row.disabled_by,
        is_cut_off=is_cut_off or not is_sound,
        on_since=row.on_since,
    )


def _token(row: Row[Any], held: tuple[TokenGrant, ...], hint: str | None) -> Token:
    return Token(
        id=TokenId(row.id),
        organization=OrganizationId(row.organization_id),
        kind=_KINDS.get(row.kind, Kind.PERSONAL),
        name=row.name,
        authority=row.authority,
        subject=row.subject_id,
        position=row.position,
        created_at=row.created_at,
        grants=held,
        owner=None if row.owner_id is None else UserId(row.owner_id),
        issuer=row.issuer_id,
        issuer_token=row.issuer_token_id,
        description=row.description,
        expires_at=row.expires_at,
        predecessor=row.predecessor_id,
        parent=row.parent_id,
        hardcoded_type=row.hardcoded_type,
        spans_all=row.spans_all,
        reminders=reminders.read(row.reminders),
        hint=hint,
        revoked_at=row.revoked_at,
        revoked_position=row.revoked_position,
        version=row.version,
    )
