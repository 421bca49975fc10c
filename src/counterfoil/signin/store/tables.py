"""The tables of signing in."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from counterfoil.runtime.database import Instant, metadata

sessions: Final = Table(
    "session",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("user.id"), nullable=False, index=True),
    Column("client", String(64)),
    Column("provider", String(32)),
    Column("position", BigInteger, nullable=False),
    Column("authenticated_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("dies_at", Instant, nullable=False, index=True),
    Column("begun_by", LargeBinary, unique=True),
)

secrets: Final = Table(
    "session_secret",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False, index=True),
    Column("purpose", String(8), nullable=False),
    Column("dies_at", Instant, nullable=False),
    Column("spent_at", Instant),
    CheckConstraint("length(digest) = 32", name="digest_length"),
)

codes: Final = Table(
    "session_code",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("user.id"), nullable=False, index=True),
    Column("client", String(64), nullable=False),
    Column("redirect_uri", String(512), nullable=False),
    Column("challenge", String(64), nullable=False),
    Column("provider", String(32)),
    Column("position", BigInteger, nullable=False),
    Column("authenticated_at", Instant, nullable=False),
    Column("dies_at", Instant, nullable=False, index=True),
    CheckConstraint("length(digest) = 32", name="digest_length"),
)

identities: Final = Table(
    "identity",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("user.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("digest", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("user_id", "kind"),
)

outside: Final = Table(
    "outside_identity",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("user.id"), nullable=False, index=True),
    Column("issuer", String(512), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    UniqueConstraint("issuer", "subject"),
)

flows: Final = Table(
    "signin_flow",
    metadata,
    Column("state", LargeBinary, primary_key=True),
    Column("browser", LargeBinary, nullable=False),
    Column("provider", String(32), nullable=False),
    Column("next", String(2048)),
    Column("linking", BigInteger),
    Column("invitation", LargeBinary),
    Column("max_age_s", Integer),
    Column("begun_at", Instant, nullable=False),
    Column("dies_at", Instant, nullable=False, index=True),
    Column("source", String(64), nullable=False, index=True),
    CheckConstraint("length(state) = 32", name="state_length"),
    CheckConstraint("length(browser) = 32", name="browser_length"),
)

passkeys: Final = Table(
    "passkey",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("user.id"), nullable=False, index=True),
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(60), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
)

seconds: Final = Table(
    "second_factor",
    metadata,
    Column("user_id", ForeignKey("user.id"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_step", BigInteger, nullable=False),
    Column("used_at", Instant),
    CheckConstraint("length(salt) = 32", name="salt_length"),
)

recovery: Final = Table(
    "recovery_code",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("user.id"), nullable=False, index=True),
    CheckConstraint("length(digest) = 32", name="digest_length"),
)

questions: Final = Table(
    "passkey_question",
    metadata,
    Column("challenge", LargeBinary, primary_key=True),
    Column("browser", LargeBinary, nullable=False),
    Column("purpose", String(8), nullable=False),
    Column("user_id", ForeignKey("user.id"), index=True),
    Column("invitation", LargeBinary),
    Column("dies_at", Instant, nullable=False, index=True),
    Column("source", String(64), nullable=False, index=True),
    CheckConstraint("length(challenge) = 32", name="challenge_length"),
    CheckConstraint("length(browser) = 32", name="browser_length"),
)

providers: Final = Table(
    "provider",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("organizations", JSON(none_as_null=True)),
    Column("spoken_by", String(64)),
    Column("since", BigInteger),
)
"""Where each provider of the operator's file counts: in these organizations, or null for all."""

arrivals: Final = Table(
    "arrival",
    metadata,
    Column("user_id", ForeignKey("user.id"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("provider", String(32)),
)
"""When each person last signed in: a row that no sign-out takes away."""

devices: Final = Table(
    "device_request",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_code", LargeBinary, nullable=False, unique=True),
    Column("client", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("dies_at", Instant, nullable=False, index=True),
    Column("interval_s", Integer, nullable=False),
    Column("polled_at", Instant),
    Column("denied", Boolean, nullable=False),
    Column("user_id", ForeignKey("user.id"), index=True),
    Column("position", BigInteger),
    Column("authenticated_at", Instant),
    Column("provider", String(32)),
    Column("source", String(64), nullable=False, index=True),
    CheckConstraint("length(digest) = 32", name="digest_length"),
    CheckConstraint("length(user_code) = 32", name="user_code_length"),
)

attempts: Final = Table(
    "signin_attempt",
    metadata,
    Column("account", LargeBinary, primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Instant, nullable=False),
    Column("proved_at", Instant),
    Index("ix_signin_attempt_source_failed_at", "source", "failed_at"),
    Index("ix_signin_attempt_failed_at", "failed_at"),
)

invitations: Final = Table(
    "invitation",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("organization_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("invited_by", BigInteger),
    Column("position", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("dies_at", Instant, nullable=False),
    Column("joins", Boolean, nullable=False, server_default="0"),
    CheckConstraint("length(digest) = 32", name="digest_length"),
    ForeignKeyConstraint(
        ["organization_id", "user_id"], ["membership.organization_id", "membership.user_id"]
    ),
)
