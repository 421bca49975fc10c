"""How much of each kind nobody has used for long, for whoever sees that kind (G12e)."""

from __future__ import annotations

from typing import Final

from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.sought import Sought
from counterfoil.tokens.steps.authority import manages
from counterfoil.tokens.store import lists

_LENT: Final = (Kind.SERVICE, Kind.CLIENT)


def resting(work: Work, unused: Sought, *, everybody: bool) -> dict[Kind, int]:
    """Count what is sought, by kind; API tokens and pairs only for who manages them.

    Personal tokens are the caller's own; everybody's only for who may approve them.
    """
    here = work.caller.organization
    owner = None if everybody else work.caller.user
    chosen = {Kind.PERSONAL: lists.Filter((Kind.PERSONAL,), owner, sought=unused)}
    if manages(work):
        chosen |= {kind: lists.Filter((kind,), live=True, sought=unused) for kind in _LENT}
    return {kind: lists.count(work.tx, here, one, work.now) for kind, one in chosen.items()}
