"""What a page says of what it stopped: where that holds, and by when it does everywhere."""

from __future__ import annotations

from math import ceil
from typing import Final

from counterfoil.feed.receipts import lingers_s
from counterfoil.operation import Work
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Visit

_LATE: Final = N_(
    "It takes effect everywhere within %(seconds)d seconds: until then a gate that does not hear "
    "from this server may let reads pass."
)


def told(
    visit: Visit, work: Work, gone: str, late: str = "", **values: object
) -> tuple[Notice, ...]:
    """Return what to say after the commit of a work that took power away.

    Args:
        visit: at which page.
        work: which has been committed, and waited for.
        gone: what is so where no gate goes by what was before; marked by `N_`, as the next.
        late: what is so where one may let reads pass in the grace of an API (R2), if `gone` is not.
        **values: what stands in both.
    """
    left_s = lingers_s(visit.asked.office.receipts, work.position or 0)
    if not left_s:
        return (Notice(visit.say(gone, **values), proof=work.entry),)
    by = visit.say(_LATE, seconds=ceil(left_s))
    said = Notice(visit.say(late or gone, **values), proof=work.entry)
    return said, Notice(by, "warning")
