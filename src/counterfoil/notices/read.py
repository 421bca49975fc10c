"""What a person was told, as they read it: their own alone, and in this organization."""

from __future__ import annotations

from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import NoticeId, Prefix, UserId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.notices.model import Notice
from counterfoil.notices.store import rows
from counterfoil.operation import Work, operation


@operation("notice.list", requires=None, reads=True)
def list_notices(work: Work, wanted: Wanted, *, unread: bool) -> Page[Notice]:
    """Return a piece of what the caller was told, the latest first."""
    work.permit()
    return rows.page(work.tx, work.caller.organization, _me(work), wanted, unread=unread)


@operation("notice.read", requires=None)
def read_notice(work: Work, id_: NoticeId) -> Notice:
    """Mark a notice as read; one that is read stays as it is."""
    work.permit(target=spell(Prefix.NOTICE, id_))
    here, me = work.caller.organization, _me(work)
    found = rows.find(work.tx, here, me, id_)
    rows.mark_read(work.tx, here, me, work.now, id_)
    return rows.read(found, work.now)


@operation("notice.read_all", requires=None)
def read_all(work: Work) -> int:
    """Mark all that the caller was told here as read; return how many were unread."""
    work.permit()
    return rows.mark_read(work.tx, work.caller.organization, _me(work), work.now)


def _me(work: Work) -> UserId:
    if work.caller.user is None:
        raise Denied(Code.NOT_A_MEMBER, "Nobody in particular asks.")
    return work.caller.user
