"""The tables of the directory, and how organizations and users come out of them and go in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    Connection,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from counterfoil.directory.model import Organization, User, fold
from counterfoil.directory.store import seals
from counterfoil.directory.store.tables import memberships, organizations, users
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.runtime.prepared import Prepared

USERS: Final = select(*seals.USER.shown())
"""Every user, as they are compared with their seal."""

_ONE: Final = Prepared(USERS.where(users.c.id == bindparam("whose")))


def organization(tx: Connection, id_: OrganizationId) -> Organization:
    """Find an organization, or raise NotFound."""
    row = tx.execute(select(organizations).where(organizations.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound
    return Organization(OrganizationId(row.id), row.name, NodeId(row.root_id), row.created_at)


def organizations_all(tx: Connection) -> list[Organization]:
    """Return the organizations of this installation, the oldest first."""
    rows = tx.execute(select(organizations).order_by(organizations.c.created_at))
    return [
        Organization(OrganizationId(row.id), row.name, NodeId(row.root_id), row.created_at)
        for row in rows
    ]


def organization_names(tx: Connection) -> list[str]:
    """Return what the organizations of this installation are called, the oldest first."""
    return list(tx.scalars(select(organizations.c.name).order_by(organizations.c.created_at)))


def is_founded(tx: Connection) -> bool:
    """Say whether there is any organization yet."""
    return tx.execute(select(organizations.c.id).limit(1)).first() is not None


def hold_organization(tx: Connection, id_: OrganizationId) -> None:
    """Let nobody else change members or roles of this organization before this work commits.

    Everything that changes the directory holds its organization first, then a member, then the
    feed's head; what is done to a user in all organizations holds the user before them all. No row
    that others point to is held against being pointed to (`key_share`): whoever has the head
    writes such rows.
    """
    tx.execute(
        select(organizations.c.id).where(organizations.c.id == id_).with_for_update(key_share=True)
    )


def add_organization(tx: Connection, new: Organization) -> None:
    """Write a new organization."""
    tx.execute(
        insert(organizations).values(
            id=new.id, name=new.name, root_id=new.root, created_at=new.created_at
        )
    )


def user(tx: Connection, id_: UserId) -> User:
    """Find a user, or raise NotFound."""
    row = _ONE.first(tx, {"whose": id_})
    if row is None:
        raise NotFound
    return as_user(tx, row)


def user_names(
    tx: Connection, organization: OrganizationId, ids: Iterable[UserId]
) -> dict[UserId, str]:
    """Return what these users are called; who is not of the organization, and never was, is not."""
    wanted = (
        select(users.c.id, users.c.name)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.organization_id == organization, users.c.id.in_(list(ids)))
    )
    return {UserId(row.id): row.name for row in tx.execute(wanted)}


def hold_user(tx: Connection, id_: UserId) -> User:
    """Find a user, and let nobody else change or enrol them before this work commits."""
    tx.execute(select(users.c.id).where(users.c.id == id_).with_for_update(key_share=True))
    return user(tx, id_)


def user_by_email(tx: Connection, email: str) -> User | None:
    """Find the person with this e-mail address, however it is cased."""
    row = tx.execute(USERS.where(users.c.email_folded == fold(email))).one_or_none()
    return None if row is None else as_user(tx, row)


def add_user(tx: Connection, new: User) -> None:
    """Write a new user.

    Raises:
        Conflict: NAME_TAKEN, if somebody has this e-mail address since a moment.
    """
    try:
        with tx.begin_nested():
            tx.execute(insert(users).values(_user_columns(tx, new)))
    except IntegrityError:
        taken = sentence("Somebody has just been enrolled with this e-mail address: ask again.")
        raise Conflict(Code.NAME_TAKEN, taken, field="/data/attributes/email") from None


def save_user(tx: Connection, changed: User) -> None:
    """Write a user's new state.

    Raises:
        Conflict: if somebody changed their row in the database, and they were not shut out since.
    """
    seals.require_sound(is_sound=changed.is_sound)
    columns = _user_columns(tx, changed)
    tx.execute(update(users).where(users.c.id == changed.id).values(columns))


def as_user(tx: Connection, row: Any) -> User:  # noqa: ANN401 - a row
    """Read a user from a row that begins as `USERS` says."""
    is_sound = seals.USER.holds(tx, row)
    return User(
        id=UserId(row.id),
        email=row.email,
        name=row.name,
        active=row.active and is_sound,
        kind=row.kind,
        cut_off=row.cut_off,
        held_since=row.held_since,
        version=seals.counted(row.version, is_sound=is_sound),
        is_sound=is_sound,
    )


def _user_columns(tx: Connection, one: User) -> dict[str, object]:
    columns: dict[str, object] = {
        "id": one.id,
        "email": one.email,
        "email_folded": None if one.email is None else fold(one.email),
        "name": one.name,
        "kind": one.kind,
        "active": one.active,
        "cut_off": one.cut_off,
        "held_since": one.held_since,
        "version": one.version,
    }
    return seals.USER.sealed(tx, columns)
