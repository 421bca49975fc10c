"""Files that no version names any more, and what becomes of them.

A file is given its place while the organization's tree is held, and before the version that names
it is committed. So whoever holds the tree and finds no version that names a file knows that none
is about to: then, and only then, the file goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from counterfoil.content.store import named_files, rows
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office

_PARTS: Final = 256
_TURN_S: Final = 30
"""One part of 256 is looked through at each turn, so that all are once in about two hours."""


def sweep_files(office: Office, parts: Iterable[str] | None = None) -> int:
    """Delete files that no version names; return how many they were.

    Args:
        office: whose files and versions they are.
        parts: how the digests begin that are looked at, two hex digits each; the part whose turn it
            is by the clock, if none is named.
    """
    turn = int(office.clock().timestamp()) // _TURN_S % _PARTS
    gone = 0
    for part in parts or (f"{turn:02x}",):
        for owner, digests in office.files.kept(part):
            gone += _swept(office, OrganizationId(owner), digests)
    return gone


def _swept(office: Office, organization: OrganizationId, digests: list[str]) -> int:
    with office.database.reading() as tx:
        found = set(digests) - named_files.named(tx, organization, digests)
    if not found:
        return 0
    with office.database.transaction() as tx:
        rows.hold_tree(tx, organization)
        orphans = found - named_files.named(tx, organization, found)
        for digest in orphans:
            office.files.discard(organization, digest)
    return len(orphans)
