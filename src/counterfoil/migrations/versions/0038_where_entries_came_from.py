"""Where the address of each audit entry stands among all addresses; and saved queries."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_AT_ONCE = 4_096
_V6 = 1 << 32
_BYTES = 17
_ENTRIES = sa.table("audit_entry", sa.column("position"), sa.column("address"), sa.column("place"))


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("place", sa.LargeBinary(_BYTES)))
    _fill(op.get_bind())
    op.create_table(
        "saved_query",
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_folded", sa.String(600), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["membership.organization_id", "membership.user_id"],
            name="fk_saved_query_organization_id_membership",
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "name_folded", name="pk_saved_query"),
    )


def downgrade() -> None:
    op.drop_table("saved_query")
    op.drop_column("audit_entry", "place")


def _fill(bind: sa.Connection) -> None:
    """Say of what is on record already where it came from."""
    columns = (_ENTRIES.c.position, _ENTRIES.c.address)
    next_ones = sa.select(*columns).order_by(_ENTRIES.c.position).limit(_AT_ONCE)
    change = (
        sa.update(_ENTRIES)
        .where(_ENTRIES.c.position == sa.bindparam("which"))
        .values(place=sa.bindparam("where"))
    )
    last = 0
    while rows := bind.execute(next_ones.where(_ENTRIES.c.position > last)).all():
        found = [{"which": row.position, "where": _place(row.address)} for row in rows]
        known = [one for one in found if one["where"] is not None]
        if known:
            bind.execute(change, known)
        last = rows[-1].position


def _place(address: str) -> bytes | None:
    """Spell where an address stands on the one line of all: IPv4 first, in the order of bytes."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        place = _V6 + int(ip) if ip.ipv4_mapped is None else int(ip.ipv4_mapped)
    else:
        place = int(ip)
    return place.to_bytes(_BYTES, "big")
