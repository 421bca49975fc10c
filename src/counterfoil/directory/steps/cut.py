"""The step that ends every token of an organization at once, however many there are (R21)."""

from __future__ import annotations

from counterfoil.directory.steps.replay import cut_record
from counterfoil.directory.store.cut_offs import Cut, save_cut
from counterfoil.directory.store.rows import hold_organization
from counterfoil.operation import Work


def cut_off_tokens(work: Work) -> int:
    """Have every token be dead that was made in the caller's organization, or speaks there.

    Returns:
        up to which position of the feed: whatever is made after it lives.
    """
    here = work.caller.organization
    hold_organization(work.tx, here)
    cut = Cut(here, work.head(hold=True))
    save_cut(work.tx, cut)
    work.emit(cut_record(work.tx, cut))
    return cut.at
