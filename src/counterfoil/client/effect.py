"""Where a change holds that may have taken power away: what its answer says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterfoil.client.answer import Answer
from counterfoil.client.resource import number, text


@dataclass(frozen=True, slots=True)
class Effect:
    """The receipt of a change.

    Attributes:
        effective: `everywhere`, or `host` as long as a gate elsewhere may go by what was before.
        position: from which position of the feed on it holds.
        effective_by: an instant from which on it holds everywhere, where it does not yet.
        audit_event: the number of the entry in the audit trail that says what was done.
    """

    effective: str
    position: int | None
    effective_by: str | None
    audit_event: int | None = None

    @property
    def everywhere(self) -> bool:
        """Whether no gate goes by what was before."""
        return self.effective == "everywhere"

    @property
    def said(self) -> Mapping[str, Any]:
        """The receipt as the API says it; what it does not say is left out."""
        told = {
            "effective": self.effective,
            "position": self.position,
            "effective_by": self.effective_by,
            **on_record(self.audit_event),
        }
        return {name: one for name, one in told.items() if one is not None}

    @classmethod
    def beside(cls, answer: Answer) -> Effect | None:
        """Read it from the headers of an answer whose body is another standard's."""
        said = answer.headers.get("counterfoil-effective")
        position = answer.headers.get("counterfoil-position", "")
        known = position.isascii() and position.isdigit()
        return cls(said, int(position) if known else None, None) if said else None

    @classmethod
    def of(cls, answer: Answer) -> Effect | None:
        """Read it from an answer; None where the change could take nothing away."""
        meta = answer.document.get("meta")
        if not isinstance(meta, dict) or not text(meta.get("effective")):
            return None
        said = text(meta["effective"])
        by = text(meta.get("effective_by")) or None
        return cls(said, number(meta.get("position")), by, entry_of(answer))


def entry_of(answer: Answer) -> int | None:
    """Return the number of the entry in the audit trail that is about what an answer answers."""
    meta = answer.document.get("meta")
    return number(meta.get("audit_event")) if isinstance(meta, dict) else None


def on_record(entry: int | None) -> Mapping[str, Any]:
    """Return what the API says of an entry: its number, and where its proof is asked for."""
    if entry is None:
        return {}
    return {"audit_event": entry, "proof": f"/cma/audit_events/{entry}/receipt"}
