"""Proofs about the audit trail over HTTP, for whoever verifies them elsewhere (R15)."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET, UnsetType

from counterfoil.audit.checkpoint import sign
from counterfoil.directory.prove import Receipt, Sign, checkpoint, receipt
from counterfoil.jsonapi.given import Given, One
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.office import Office

_SINCE: Final = "since"
_DIGITS: Final = 18
_HIGHEST: Final = 10**_DIGITS - 1


class CheckpointFacts(Given, frozen=True):
    """The trail as it is: how many entries, and the root over them, in a note that `key` signed.

    `path` proves that it goes on from its first `since` entries (RFC 9162, section 2.1.4).
    """

    size: int
    root: bytes
    epoch: int
    note: str
    key: str
    path: list[bytes]


class AuditCheckpoint(Given, frozen=True, tag_field="type", tag="audit_checkpoint"):
    """A checkpoint of the audit trail; its id is how many entries it is of."""

    id: str
    attributes: CheckpointFacts


class ReceiptFacts(Given, frozen=True):
    """An entry to the letter, its path to the root (RFC 9162, section 2.1.3), and its signed note.

    Its leaf is a byte 1 and the text of `entry`; leaves are counted from 0, entries from 1. Who
    asked for it is shown by `goes_on` that the trail went on from its first `since` entries
    (RFC 9162, section 2.1.4).
    """

    entry: str
    path: list[bytes]
    note: str
    key: str
    since: int | UnsetType = UNSET
    goes_on: list[bytes] | UnsetType = UNSET


class AuditReceipt(Given, frozen=True, tag_field="type", tag="audit_receipt"):
    """The proof that an entry is in the audit trail; its id is the entry's."""

    id: str
    attributes: ReceiptFacts


def signed(asked: Asked) -> Answer:
    """Answer GET /cma/audit_checkpoint."""
    since = asked.query.integer(_SINCE, highest=_HIGHEST)
    with asked.read() as work:
        made, path = checkpoint(work, signing(asked.office), since)
    facts = CheckpointFacts(
        size=made.size,
        root=made.root,
        epoch=made.epoch,
        note=made.note,
        key=str(asked.office.signer.public),
        path=path,
    )
    return Answer(200, One(AuditCheckpoint(id=str(made.size), attributes=facts)))


def proved(asked: Asked) -> Answer:
    """Answer GET /cma/audit_events/{position}/receipt."""
    since = asked.query.integer(_SINCE, highest=_HIGHEST)
    with asked.read() as work:
        found = receipt(work, _position(asked), signing(asked.office), since)
    return Answer(200, shown(found, asked.office))


def shown(found: Receipt, office: Office) -> One[AuditReceipt]:
    """Render a receipt."""
    facts = ReceiptFacts(
        entry=found.entry.decode(),
        path=found.path,
        note=found.checkpoint.note,
        key=str(office.signer.public),
        since=UNSET if found.since is None else found.since,
        goes_on=UNSET if found.since is None else found.goes_on,
    )
    return One(AuditReceipt(id=str(found.position), attributes=facts))


def signing(office: Office) -> Sign:
    """Return how an office signs its trail."""
    return lambda tx: sign(tx, office.signer, office.clock())


def _position(asked: Asked) -> int:
    text = asked.params["position"]
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFound(Code.NOT_FOUND, "There is no such entry.")
    return int(text)


_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": _HIGHEST}
_GOES_ON: Final = Parameter(_SINCE, "Prove that it goes on from so many entries.", _NUMBER, 1)

ROUTES: Final = (
    Route(
        "GET",
        "/cma/audit_checkpoint",
        signed,
        "audit.checkpoint",
        "Sign the audit trail as it is, for who wants to see later that it goes on from there",
        gives={200: One[AuditCheckpoint]},
        query=(_GOES_ON,),
        section="Audit",
    ),
    Route(
        "GET",
        "/cma/audit_events/{position}/receipt",
        proved,
        "audit.prove",
        "Prove that an entry is in the audit trail, as it was written",
        gives={200: One[AuditReceipt]},
        parts=(Parameter("position", "Which entry.", {**_NUMBER, "minimum": 1}, 1),),
        query=(_GOES_ON,),
        fails=(Code.NOT_FOUND,),
        section="Audit",
    ),
)
"""What the office serves of proofs."""
