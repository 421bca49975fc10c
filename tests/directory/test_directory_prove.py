"""Receipts and checkpoints, as whoever may read the trail is given them, on both engines."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from counterfoil.audit.checkpoint import read
from counterfoil.audit.merkle import begins
from counterfoil.audit.receipts import verify_receipt
from counterfoil.directory.enroll import deactivate
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import NoteError, PublicKey, Signer
from support.directory import Company
from support.directory_doors import knock_as
from support.office import StandingClock, office_on

TRAIL = "/cma/audit_events"


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def entry_of(acme: Company) -> tuple[str, str]:
    """Do something; return its position in the trail, and on whom it was done."""
    ben = acme.hire("Ben", "reader")
    with acme.acting(acme.ada) as work:
        deactivate(work, ben)
    probe = knock_as(acme, acme.ada)
    found = probe("GET", f"{TRAIL}?filter[operation]=member.deactivate").json
    return found["data"][0]["id"], spell(Prefix.USER, ben)


def as_sent(document: Any) -> bytes:
    return msgspec.json.encode(document)


def test_an_entry_has_a_receipt(acme: Company) -> None:
    """A receipt proves its entry by itself, long after, and nothing else (R15)."""
    position, ben = entry_of(acme)
    document = knock_as(acme, acme.ada)("GET", f"{TRAIL}/{position}/receipt").json
    facts = document["data"]["attributes"]
    assert f'"target":"{ben}"' in facts["entry"]
    key = acme.office.signer.public
    assert verify_receipt(as_sent(document), key)[0] == int(position)
    for name, other in (
        ("entry", facts["entry"].replace("deactivate", "reactivate")),
        ("path", facts["path"][1:]),
        ("note", facts["note"].replace("epoch 1", "epoch 2")),
    ):
        changed = {"data": {"id": position, "attributes": {**facts, name: other}}}
        with pytest.raises(NoteError):
            verify_receipt(as_sent(changed), key)
    with pytest.raises(NoteError):
        verify_receipt(as_sent(document), Signer("counterfoil.audit", bytes(32)).public)


def test_a_checkpoint_goes_on_from_an_older_one(acme: Company) -> None:
    """Whoever kept a checkpoint is shown that the trail only went on from there (R15)."""
    entry_of(acme)
    probe = knock_as(acme, acme.ada)
    old = probe("GET", "/cma/audit_checkpoint").json["data"]["attributes"]
    acme.hire("Eve", "reader")
    new = probe("GET", f"/cma/audit_checkpoint?since={old['size']}").json["data"]["attributes"]
    key = PublicKey.read(new["key"])
    older, newer = read(old["note"], key), read(new["note"], key)
    path = msgspec.convert(new["path"], list[bytes])
    assert older.size < newer.size
    assert begins(older.size, older.root, newer.size, newer.root, path)


@pytest.mark.parametrize("position", ["0", "x", "99999", "1e3", "9" * 40, "-1"])
def test_no_entry_has_no_receipt(acme: Company, position: str) -> None:
    """What is no entry is not found, however it is spelled."""
    assert knock_as(acme, acme.ada)("GET", f"{TRAIL}/{position}/receipt").status == 404


@pytest.mark.parametrize("since", ["-1", "x", "99999", "9" * 40])
def test_a_trail_goes_on_from_what_it_had(acme: Company, since: str) -> None:
    """More entries than there are is a clear 4xx that names the parameter."""
    answer = knock_as(acme, acme.ada)("GET", f"/cma/audit_checkpoint?since={since}")
    assert answer.status == 400
    assert answer.json["errors"][0]["source"] == {"parameter": "since"}


def test_other_organizations_entries_are_not_there(acme: Company) -> None:
    """An entry of another organization is not found, as one that nobody wrote (S30)."""
    position, _ = entry_of(acme)
    other = Company(acme.office, "Other")
    assert knock_as(other, other.ada)("GET", f"{TRAIL}/{position}/receipt").status == 404


def test_who_may_not_read_the_trail_gets_no_proof(acme: Company) -> None:
    """Proofs are for whoever may read the audit trail (S17)."""
    position, _ = entry_of(acme)
    eve = knock_as(acme, acme.hire("Eve", "reader"))
    assert eve("GET", f"{TRAIL}/{position}/receipt").status == 403
    assert eve("GET", "/cma/audit_checkpoint").status == 403
