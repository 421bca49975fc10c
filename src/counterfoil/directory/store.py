"""The tables of the directory, and how organizations and users come out of them and go in."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from counterfoil.directory.model import FOLDED_EMAIL, FOLDED_NAME, Organization, User, fold
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, UserId
from counterfoil.runtime.database import Instant, metadata

organizations: Final = Table(
    "organization",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("root_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

users: Final = Table(
    "user",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("email", String(254)),
    Column("email_folded", String(FOLDED_EMAIL), unique=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("cut_off", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
)

memberships: Final = Table(
    "membership",
    metadata,
    Column(
        "organization_id",
        ForeignKey("organization.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("user_id", ForeignKey("user.id"), primary_key=True, autoincrement=False, index=True),
    Column("enabled", Boolean, nullable=False),
    Column("cut_off", BigInteger, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("invited_as", String(200)),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
)

roles: Final = Table(
    "role",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", ForeignKey("organization.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_folded", String(FOLDED_NAME), nullable=False),
    Column("scopes", BigInteger, nullable=False),
    Column("custom", JSON, nullable=False),
    Column("roots", JSON(none_as_null=True)),
    Column("built_in", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
    UniqueConstraint("organization_id", "id"),
    UniqueConstraint("organization_id", "name_folded"),
)

membership_roles: Final = Table(
    "membership_role",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role_id", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(
        ["organization_id", "user_id"], ["membership.organization_id", "membership.user_id"]
    ),
    ForeignKeyConstraint(["organization_id", "role_id"], ["role.organization_id", "role.id"]),
    Index(None, "organization_id", "role_id"),
)

policies: Final = Table(
    "policy",
    metadata,
    Column(
        "organization_id",
        ForeignKey("organization.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("preset", String(32), nullable=False),
    Column("quota", Integer),
    Column("approval", String(32), nullable=False),
    Column("lifetime_max", String(32)),
    Column("lifetime_ceiling", String(32)),
    Column("lifetime_default", String(32)),
    Column("allow_no_expiration", Boolean, nullable=False),
    Column("scope_mode_default", String(16), nullable=False),
    Column("span", String(8), nullable=False),
    Column("api_token_authority", String(8), nullable=False),
    Column("api_tokens_start_enabled", Boolean, nullable=False),
    Column("admins_only_api_tokens", Boolean, nullable=False),
    Column("creations_per_hour", Integer),
    Column("request_lapse", String(32), nullable=False),
    Column("management_limit", Integer, nullable=False),
    Column("management_window_ms", Integer, nullable=False),
    Column("delivery_rate", Float),
    Column("audit_strict", Boolean, nullable=False),
    Column("regenerate_allowed", Boolean, nullable=False),
    Column("cascade", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seal", LargeBinary),
)


def organization(tx: Connection, id_: OrganizationId) -> Organization:
    """Find an organization, or raise NotFound."""
    row = tx.execute(select(organizations).where(organizations.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound
    return Organization(OrganizationId(row.id), row.name, NodeId(row.root_id), row.created_at)


def organization_names(tx: Connection) -> list[str]:
    """Return what the organizations of this installation are called, the oldest first."""
    return list(tx.scalars(select(organizations.c.name).order_by(organizations.c.created_at)))


def hold_organization(tx: Connection, id_: OrganizationId) -> None:
    """Let nobody else change members or roles of this organization before this work commits.

    Everything that changes the directory holds its organization first, then a member, then the
    feed's head; what is done to a user in all organizations holds the user before them all.
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
    row = tx.execute(select(users).where(users.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound
    return as_user(row)


def hold_user(tx: Connection, id_: UserId) -> User:
    """Find a user, and let nobody else change or enrol them before this work commits."""
    tx.execute(select(users.c.id).where(users.c.id == id_).with_for_update(key_share=True))
    return user(tx, id_)


def user_by_email(tx: Connection, email: str) -> User | None:
    """Find the person with this e-mail address, however it is cased."""
    row = tx.execute(select(users).where(users.c.email_folded == fold(email))).one_or_none()
    return None if row is None else as_user(row)


def add_user(tx: Connection, new: User) -> None:
    """Write a new user.

    Raises:
        Conflict: NAME_TAKEN, if somebody has this e-mail address since a moment.
    """
    try:
        with tx.begin_nested():
            tx.execute(insert(users).values(_user_columns(new)))
    except IntegrityError:
        taken = "Somebody has just been enrolled with this e-mail address: ask again."
        raise Conflict(Code.NAME_TAKEN, taken, field="/data/attributes/email") from None


def save_user(tx: Connection, changed: User) -> None:
    """Write a user's new state."""
    tx.execute(update(users).where(users.c.id == changed.id).values(_user_columns(changed)))


def as_user(row: Row[Any]) -> User:
    """Read a user from a row that holds all columns of `user`."""
    return User(
        id=UserId(row.id),
        email=row.email,
        name=row.name,
        active=row.active,
        kind=row.kind,
        cut_off=row.cut_off,
        version=row.version,
    )


def _user_columns(one: User) -> dict[str, object]:
    return {
        "id": one.id,
        "email": one.email,
        "email_folded": None if one.email is None else fold(one.email),
        "name": one.name,
        "kind": one.kind,
        "active": one.active,
        "cut_off": one.cut_off,
        "version": one.version,
    }
