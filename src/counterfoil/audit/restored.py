"""Where a restore cut the audit trail: its own entry says so, and is signed with all others (R12).

A copy knows nothing of what was recorded after it was made. It knows how far it goes itself: of
which epoch, how many entries, and the root over them. What a witness has seen beyond, of an epoch
before the one that begins, is not in the trail and was cut off by that restore, an honest one or
not.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Final, NamedTuple

from msgspec import UNSET
from sqlalchemy import Connection

from counterfoil.audit.checkpoint import tree_in
from counterfoil.audit.record import ALLOWED, read
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.clock import instant, spell_instant

BEGIN: Final = "quarantine.begin"
_NAMED: Final = f'"operation":"{BEGIN}"'.encode()
_TOLD: Final = re.compile(
    r"; epoch (\d{1,18}) begins: the audit trail goes on from entry (\d{1,18}) of epoch \d{1,18}, "
    r"with the root ([A-Za-z0-9+/]{43}=)",
    re.ASCII,
)


class Restored(NamedTuple):
    """What a restore says of the copy from which the trail goes on.

    Attributes:
        at: when it was, spelled.
        epoch: the one that begins by it.
        size: how many entries are in the copy.
        root: the root over them.
    """

    at: str
    epoch: int
    size: int
    root: bytes


def goes_on_from(tx: Connection) -> str:
    """Return how the entry of a restore says from where the trail goes on: from where it is now."""
    heads = read_head(tx)
    root = b64encode(tree_in(tx).root(heads.audit_position)).decode()
    return (
        f"the audit trail goes on from entry {heads.audit_position} of epoch {heads.epoch}, "
        f"with the root {root}"
    )


def restored_in(written: bytes) -> Restored | None:
    """Return what an entry says of a restore, by its bytes; None if it is of something else."""
    if _NAMED not in written:
        return None
    body = read(written)
    if body is None or body.operation != BEGIN or body.outcome != ALLOWED or body.note is UNSET:
        return None
    found = list(_TOLD.finditer(body.note))
    if not found or found[-1].end() != len(body.note):  # an operator's words come before
        return None
    epoch, size, root = found[-1].groups()
    return Restored(spell_instant(instant(body.at)), int(epoch), int(size), b64decode(root))
