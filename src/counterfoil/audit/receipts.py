"""A receipt, verified by nothing but what stands in it and the key (R15)."""

from __future__ import annotations

import msgspec

from counterfoil.audit.checkpoint import Checkpoint, read
from counterfoil.audit.merkle import leaf_hash, root_above
from counterfoil.audit.record import VERSION
from counterfoil.runtime.signing import NoteError, PublicKey


class _Facts(msgspec.Struct):
    entry: str
    path: list[bytes]
    note: str
    key: str


class _Data(msgspec.Struct):
    id: str
    attributes: _Facts


class _Receipt(msgspec.Struct):
    data: _Data


def verify_receipt(document: bytes, key: PublicKey | None = None) -> tuple[int, Checkpoint]:
    """Return of which entry a receipt is, and the checkpoint that holds it.

    Args:
        document: the receipt, as `GET /cma/audit_events/{position}/receipt` gave it.
        key: who must have signed; None trusts the key that the receipt names.

    Raises:
        NoteError: if it proves nothing, or was signed by somebody else.
    """
    try:
        told = msgspec.json.decode(document, type=_Receipt).data
        position = int(told.id)
    except (msgspec.MsgspecError, ValueError):
        message = "it is no receipt of an entry"
        raise NoteError(message) from None
    facts = told.attributes
    checkpoint = read(facts.note, key or PublicKey.read(facts.key))
    leaf = leaf_hash(VERSION + facts.entry.encode())
    if root_above(leaf, position - 1, checkpoint.size, facts.path) != checkpoint.root:
        message = f"entry {position} is not in the trail as it stands in the receipt"
        raise NoteError(message)
    return position, checkpoint
