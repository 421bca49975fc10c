"""The hash of each audit entry, the roots above them, and what was signed of them."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0030"
branch_labels = None
depends_on = None

_WIDE = 256
_AT_ONCE = 4_096
_ENTRIES = sa.table("audit_entry", sa.column("position"), sa.column("body"), sa.column("leaf"))
_TILES = sa.table("audit_tile", sa.column("level"), sa.column("number"), sa.column("hashes"))


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("leaf", sa.LargeBinary()))
    op.create_table(
        "audit_tile",
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_audit_tile"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_audit_checkpoint"),
    )
    _fill(op.get_bind())


def downgrade() -> None:
    op.drop_table("audit_checkpoint")
    op.drop_table("audit_tile")
    with op.batch_alter_table("audit_entry") as table:
        table.drop_column("leaf")


def _fill(bind: sa.Connection) -> None:
    """Hash what is on record already, and write the tiles over it."""
    level = _hashed(bind)
    above = 1
    while level := _complete(level):
        for number, at in enumerate(range(0, len(level), _WIDE)):
            hashes = b"".join(level[at : at + _WIDE])
            row = {"level": above, "number": number, "hashes": hashes}
            bind.execute(sa.insert(_TILES), row)
        above += 1


def _hashed(bind: sa.Connection) -> list[bytes]:
    """Write the hash of each entry; return them all."""
    found: list[bytes] = []
    change = (
        sa.update(_ENTRIES)
        .where(_ENTRIES.c.position == sa.bindparam("which"))
        .values(leaf=sa.bindparam("hash"))
    )
    next_ones = sa.select(_ENTRIES.c.position, _ENTRIES.c.body).order_by(_ENTRIES.c.position)
    last = 0
    while rows := bind.execute(next_ones.where(_ENTRIES.c.position > last).limit(_AT_ONCE)).all():
        hashed = [
            {"which": row.position, "hash": hashlib.sha256(b"\x00" + row.body).digest()}
            for row in rows
        ]
        bind.execute(change, hashed)
        found += [one["hash"] for one in hashed]
        last = rows[-1].position
    return found


def _complete(hashes: list[bytes]) -> list[bytes]:
    starts = range(0, len(hashes) - _WIDE + 1, _WIDE)
    return [_root(hashes[at : at + _WIDE]) for at in starts]


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]
