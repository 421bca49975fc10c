"""The trail."""

from __future__ import annotations

from counterfoil.client.model import AuditEntry, Refusals
from counterfoil.client.nouns.document import query
from counterfoil.client.steps import Listing
from counterfoil.client.twin import Noun, W, list_verb


class Audit(Noun[W]):
    """Who did what, by which token, and with what outcome: the newest first."""

    @list_verb
    def entries(self, /, **filters: str) -> Listing[AuditEntry]:
        """Yield entries; `actor`, `token`, `operation`, `outcome`, `address`, `since` narrow it."""
        return Listing("/cma/audit_events", query(filters), AuditEntry.of)

    @list_verb
    def refusals(self) -> Listing[Refusals]:
        """Yield the minutes in which somebody was refused who is nobody here."""
        return Listing("/cma/audit_refusals", query({}), Refusals.of)
