"""A copy of a replica, which is read in pieces for as long as that takes."""

from __future__ import annotations

from pathlib import Path

from counterfoil.feed.event import NodePlaced
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.copied import Copy, make_copy
from support.gate import ACME, BASE, SITE, mint, record, tell


def test_very_many_below_one_node(replica: Replica, tmp_path: Path) -> None:
    """A set of any size is copied: a folder with very many nodes, and all the tokens (R19)."""
    many = range(1_000)
    tell(
        replica, *(NodePlaced(organization=ACME, node=BASE + 5_000 + n, parent=SITE) for n in many)
    )
    tell(replica, *(record(mint(), token=BASE + 9_000 + n) for n in many))
    replica.count(lambda: None)
    make_copy(replica, tmp_path / "copy")
    copy = Copy(tmp_path / "copy")
    whole = {name: rows for name, rows in replica.dump().items() if rows}
    found: dict[str, list[tuple[bytes, bytes]]] = {}
    for name, rows in copy.sheets():
        found.setdefault(name, []).extend(rows)
    assert found == whole
    for name, rows in whole.items():
        at = len(rows) // 2
        following = [row for book, more in copy.sheets(name, rows[at]) if book == name
                     for row in more]  # fmt: skip
        assert following == rows[at + 1 :]
    copy.close()
