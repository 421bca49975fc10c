"""The audit trail of one's own organization."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded, Sought, trail
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("audit.list", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def list_entries(work: Work, sought: Sought, wanted: Wanted) -> Page[Recorded]:
    """List what was done and refused in the organization, the latest first."""
    work.permit()
    return trail(work.tx, work.caller.organization, sought, wanted)
