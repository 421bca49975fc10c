"""Gates, written and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Connection,
    Integer,
    Row,
    and_,
    bindparam,
    case,
    delete,
    insert,
    not_,
    or_,
    select,
    update,
)

from counterfoil.gates.model import Gate, Heard
from counterfoil.gates.store.hosts import SAYS_HOW_LATE
from counterfoil.gates.store.tables import gates as table
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.prepared import Prepared

PATIENCE: Final = timedelta(minutes=1)
"""So long what a gate decided may be on its way."""
_MOST_LOST: Final = 1 << 53
"""A count of what was lost does not grow beyond this, whatever a gate says."""
_KNOWN: Final = Prepared(select(table).where(table.c.digest == bindparam("digest")))
_HOLDERS: Final = Prepared(
    select(table.c.id, table.c.position, table.c.renewals).where(
        table.c.holds, table.c.name != bindparam("but")
    )
)
_REMOVED: Final = Prepared(
    select(table.c.id)
    .where(table.c.digest.is_(None), table.c.holds.is_(False), not_(SAYS_HOW_LATE))
    .limit(1)
)
_SAID: Final = {
    "position": bindparam("stands", type_=table.c.position.type),
    "heard_at": bindparam("now", type_=table.c.heard_at.type),
}
_LEASED: Final = {"holds": True, "renewals": table.c.renewals + 1}
_FREE: Final = and_(table.c.holds.is_(False), table.c.grace_s == 0)
_HEARD: Final = (
    update(table)
    .where(
        table.c.id == bindparam("gate"),
        table.c.digest.is_not(None),
        or_(table.c.host.is_(None), table.c.host == bindparam("from"), _FREE),
    )
    .values(_SAID | {"host": bindparam("from", type_=table.c.host.type)})
)
_LONGER: Final = case(
    (bindparam("level", type_=Boolean), bindparam("given", type_=Integer)),
    (table.c.grace_s > bindparam("given", type_=Integer), table.c.grace_s),
    else_=bindparam("given", type_=Integer),
)
_HEAR: Final = Prepared(_HEARD)
_HEAR_AND_LEASE: Final = Prepared(_HEARD.values(_LEASED | {"grace_s": _LONGER}))
_HEAR_HOST: Final = Prepared(
    update(table)
    .where(table.c.name == bindparam("host"), table.c.digest.is_(None))
    .values(_SAID | _LEASED)
)
_GRACES: Final = Prepared(
    select(table.c.id, table.c.position, table.c.renewals, table.c.grace_s).where(
        table.c.grace_s > 0
    )
)


def add(tx: Connection, new: Gate, digest: bytes) -> None:
    """Write a new gate, which is known by the digest of its credential."""
    tx.execute(
        insert(table).values(
            id=new.id,
            name=new.name,
            digest=digest,
            enrolled_at=new.enrolled_at,
            position=new.position,
            renewals=new.renewals,
            holds=new.holds,
        )
    )


def named(tx: Connection, name: str) -> Gate | None:
    """Find a gate by its name, also one that was removed and may still hold a lease."""
    row = tx.execute(select(table).where(table.c.name == name)).one_or_none()
    return None if row is None else gate_in(row)


def known_by(tx: Connection, digest: bytes) -> Gate | None:
    """Find a gate by the digest of its credential."""
    row = _KNOWN.first(tx, {"digest": digest})
    return None if row is None else gate_in(row)


def gates_in(tx: Connection) -> list[Gate]:
    """Return the gates that were not removed, by name."""
    query = select(table).where(table.c.digest.is_not(None)).order_by(table.c.name)
    return [gate_in(row) for row in tx.execute(query)]


def shut_out(tx: Connection, id_: GateId) -> None:
    """Have a gate known by nothing any more."""
    tx.execute(update(table).where(table.c.id == id_).values(digest=None))


def shut_out_all(tx: Connection) -> None:
    """Have no gate known any more, in a copy of what they were given their leases by."""
    tx.execute(update(table).values(digest=None, holds=False))


def has_any(tx: Connection) -> bool:
    """Say whether there is a gate, be it one that was removed."""
    return tx.execute(select(table.c.id).limit(1)).first() is not None


def touch(tx: Connection) -> None:
    """Change every gate in what says nothing: an engine writes only what is another than before."""
    tx.execute(update(table).values(renewals=table.c.renewals + 1))


def hear_host(tx: Connection, new: Gate) -> None:
    """Write up to where a host of the office itself stands, and that it is given a lease."""
    told = {"host": new.name, "stands": new.position, "now": new.heard_at}
    if _HEAR_HOST.run(tx, told) == 0:
        tx.execute(
            insert(table).values(
                id=new.id,
                name=new.name,
                enrolled_at=new.enrolled_at,
                renewals=1,
                position=new.position,
                heard_at=new.heard_at,
                holds=True,
            )
        )


def has_removed(tx: Connection) -> bool:
    """Say whether there is a gate that was removed, or a host that is gone, without a lease."""
    return _REMOVED.first(tx, {}) is not None


def forget_removed(tx: Connection) -> None:
    """Delete the gates that were removed and let nothing pass any more.

    Of one that was never given a lease here (but in memory, perhaps) that is known elsewhere. A
    host that is gone stays, if none was to believe a later time.
    """
    over = and_(or_(table.c.grace_s == 0, table.c.host.is_(None)), not_(SAYS_HOW_LATE))
    tx.execute(delete(table).where(table.c.digest.is_(None), table.c.holds.is_(False), over))


def hear(tx: Connection, id_: GateId, heard: Heard) -> bool:
    """Write what a gate says, and that it is given a lease; return whether it could be.

    It cannot where another host holds a lease by its credential or is in a grace after one, which
    `end_graces` says to be over, or where it was removed.
    """
    told = {"gate": id_, "from": heard.host, "stands": heard.position, "now": heard.at}
    if not heard.lease:
        return _HEAR.run(tx, told) == 1
    return _HEAR_AND_LEASE.run(tx, {**told, "level": heard.level, "given": heard.grace_s}) == 1


def told(tx: Connection, id_: GateId, now: datetime, *, untold: int) -> None:
    """Write that a gate has told what it had decided by now, but for so many bytes."""
    said: dict[str, Any] = {"untold": untold} if untold else {"untold": 0, "told_at": now}
    tx.execute(update(table).where(table.c.id == id_).values(said))


def note_differs(tx: Connection, id_: GateId, differs: str, now: datetime) -> None:
    """Write in what a gate is found to differ from its office; empty says that it does not."""
    said: dict[str, Any] = {"differs": differs, "differed_at": now} if differs else {"differs": ""}
    tx.execute(update(table).where(table.c.id == id_).values(said))


def lose(tx: Connection, id_: GateId, *, missed: int, doubted: int) -> None:
    """Write that so much more of what a gate tells is in no trail."""
    more = {
        column.name: case((column > _MOST_LOST - lost, _MOST_LOST), else_=column + lost)
        for column, lost in ((table.c.missed, missed), (table.c.doubted, doubted))
    }
    tx.execute(update(table).where(table.c.id == id_).values(more))


def keep_heard(tx: Connection, heard: Iterable[Gate]) -> None:
    """Write when gates were last heard of, where that is known elsewhere."""
    for gate in heard:
        if gate.heard_at is not None:
            later = table.c.heard_at.is_(None) | (table.c.heard_at < gate.heard_at)
            mine = update(table).where(table.c.id == gate.id, later)
            tx.execute(mine.values(heard_at=gate.heard_at))


def awaited(tx: Connection, now: datetime) -> list[Gate]:
    """Return the gates that may have decided something of which the office waits to be told."""
    return [one for one in gates_in(tx) if one.untold_for(now) > PATIENCE]


def holders(tx: Connection, but: str = "") -> dict[GateId, tuple[int, int]]:
    """Return whose lease may run: up to where each stands, and the name of its lease.

    One of them may be left out by its name.
    """
    found = _HOLDERS.all(tx, {"but": but})
    return {GateId(row.id): (row.position, row.renewals) for row in found}


def note_grace(tx: Connection, id_: GateId, grace_s: int) -> None:
    """Write that a gate is given so long a grace, unless its leases stand here and say so."""
    mine = (table.c.id == id_, table.c.host.is_(None))
    tx.execute(update(table).where(*mine).values(grace_s=grace_s))


def graces(tx: Connection) -> list[tuple[GateId, int, int, int]]:
    """Return each gate that was ever given a grace: where it stands, its lease, how long."""
    found = _GRACES.all(tx, {})
    return [(GateId(row.id), row.position, row.renewals, row.grace_s) for row in found]


def end_graces(tx: Connection, leases: Mapping[GateId, int]) -> None:
    """Write that the grace of these leases is over, unless a gate was given another one."""
    for id_, renewals in leases.items():
        mine = (table.c.id == id_, table.c.renewals == renewals)
        tx.execute(update(table).where(*mine).values(grace_s=0))


def lapse(tx: Connection, leases: Mapping[GateId, int]) -> None:
    """Write that these leases have run out, unless a gate was given another one meanwhile."""
    for id_, renewals in leases.items():
        mine = (table.c.id == id_, table.c.renewals == renewals)
        tx.execute(update(table).where(*mine).values(holds=False))


def gate_in(row: Row[*tuple[Any, ...]]) -> Gate:
    """Read a gate from a row that has its columns."""
    return Gate(
        id=GateId(row.id),
        name=row.name,
        enrolled_at=row.enrolled_at,
        position=row.position,
        renewals=row.renewals,
        holds=row.holds,
        heard_at=row.heard_at,
        told_at=row.told_at,
        untold=row.untold,
        missed=row.missed,
        doubted=row.doubted,
        grace_s=row.grace_s,
        differs=row.differs or "",
        differed_at=row.differed_at,
    )
