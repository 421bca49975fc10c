"""Telling people: in the transaction of what they are told of, as the verb says it."""

from __future__ import annotations

from collections.abc import Collection

from counterfoil.kernel.ids import NoticeId, OrganizationId, UserId
from counterfoil.notices.model import CHOOSABLE, SECURITY, Facts, Kind, Notice
from counterfoil.notices.store import due, rows
from counterfoil.operation import Work


def tell(
    work: Work,
    kind: Kind,
    users: Collection[UserId],
    about: str,
    facts: Facts,
    *,
    organization: OrganizationId | None = None,
    mark: str | None = None,
) -> None:
    """Tell people that something became true: in the page now, and by mail soon.

    Args:
        work: what made it true.
        kind: of what.
        users: members, active or not, of the organization.
        about: what it is about, spelled (`tok_…`).
        facts: what `TITLE` and the mail say of it; never a secret.
        organization: where, if not where the caller acts.
        mark: under which it is told to each of them once.
    """
    here = work.caller.organization if organization is None else organization
    quiet = rows.silenced_by(work.tx, here, users, kind) if kind in CHOOSABLE else set()
    alone = kind in SECURITY or kind in CHOOSABLE
    told = [
        Notice(
            NoticeId(work.new_id()),
            here,
            user,
            kind,
            about,
            facts,
            created_at=work.now,
            mail_due_at=work.now if alone and user not in quiet else None,
        )
        for user in sorted(users)
    ]
    rows.add(work.tx, told, mark)
    if kind is Kind.REQUEST_MADE:
        for user in sorted(users):
            due.expect_digest(work.tx, NoticeId(work.new_id()), here, user, work.now)


def settle(
    work: Work, organization: OrganizationId, about: str, whose: UserId | None = None
) -> None:
    """Note that there is nothing left to do about something, so that nobody is reminded of it.

    Where it says `whose`, there is nothing left to do for that person.
    """
    rows.settle(work.tx, organization, about, work.now, whose)
