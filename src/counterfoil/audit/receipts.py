"""A receipt, verified by nothing but what stands in it and the key (R15)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from counterfoil.audit.checkpoint import Checkpoint, read
from counterfoil.audit.merkle import begins, leaf_hash, root_above
from counterfoil.audit.record import VERSION
from counterfoil.runtime.signing import NoteError, PublicKey


class _Facts(msgspec.Struct):
    entry: str
    path: list[bytes]
    note: str
    key: str
    since: int | None = None
    goes_on: list[bytes] = []


class _Data(msgspec.Struct):
    id: str
    attributes: _Facts


class _Receipt(msgspec.Struct):
    data: _Data


def verify_receipt(
    document: bytes, key: PublicKey | None = None, against: Sequence[str] = ()
) -> tuple[int, Checkpoint]:
    """Return of which entry a receipt is, and the checkpoint that holds it.

    What was kept elsewhere has to be of the same trail: as it stands in the receipt, or as it was
    when it had the number of entries from which the receipt says that it went on.

    Args:
        document: the receipt, as `GET /cma/audit_events/{position}/receipt` gave it.
        key: who must have signed; None trusts the key that the receipt names.
        against: checkpoints that were kept elsewhere, one of which at least it has to speak of.

    Raises:
        NoteError: if it proves nothing, was signed by somebody else, or is of a trail that did not
            go on from those.
    """
    try:
        told = msgspec.json.decode(document, type=_Receipt).data
        position = int(told.id)
    except (msgspec.MsgspecError, ValueError):
        message = "it is no receipt of an entry"
        raise NoteError(message) from None
    facts = told.attributes
    trusted = key or PublicKey.read(facts.key)
    checkpoint = read(facts.note, trusted)
    leaf = leaf_hash(VERSION + facts.entry.encode())
    if root_above(leaf, position - 1, checkpoint.size, facts.path) != checkpoint.root:
        message = f"entry {position} is not in the trail as it stands in the receipt"
        raise NoteError(message)
    spoken = [_goes_on(facts, checkpoint, read(note, trusted)) for note in against]
    if spoken and not any(spoken):
        message = (
            "it does not say that the trail went on from these checkpoints: ask for it anew by "
            "`audit receipt --since`, with the number of entries in one of them"
        )
        raise NoteError(message)
    return position, checkpoint


def _goes_on(facts: _Facts, now: Checkpoint, before: Checkpoint) -> bool:
    """Say whether a receipt speaks of a checkpoint.

    Raises:
        NoteError: if the checkpoint is of another trail.
    """
    if before.size not in {facts.since, now.size}:
        return False
    path = facts.goes_on if before.size < now.size else []
    if not begins(before.size, before.root, now.size, now.root, path):
        message = f"its trail is not that which had {before.size} entries then"
        raise NoteError(message)
    return True
