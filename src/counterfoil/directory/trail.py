"""The audit trail of one's own organization."""

from __future__ import annotations

from datetime import datetime

from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded, Sought, trail
from counterfoil.audit.refusals import Minute, minutes
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("audit.list", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def list_entries(work: Work, sought: Sought, wanted: Wanted) -> Page[Recorded]:
    """List what was done and refused in the organization, the latest first."""
    work.permit()
    return trail(work.tx, work.caller.organization, sought, wanted)


@operation("audit.count_refused", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def count_refused(
    work: Work, wanted: Wanted, since: datetime | None, before: datetime | None
) -> Page[Minute]:
    """Count those whom no organization knows: who was let in nowhere, by minute and network."""
    work.permit()
    return minutes(work.tx, wanted, since, before)
