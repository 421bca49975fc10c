"""A person keeps filters of the audit trail under names: their own, in each organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.directory.model import SavedQuery, fold
from counterfoil.directory.rules import proper_name
from counterfoil.directory.store import saved_queries
from counterfoil.directory.store.members import hold_member
from counterfoil.kernel.errors import Code, Conflict, Invalid, NotFound
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work, operation

MOST: Final = 50
"""So many one person keeps in one organization."""


@operation("audit.save_query", requires=Scope.AUDIT_READ)
def save_query(work: Work, name: str, asks: Mapping[str, str]) -> None:
    """Keep a filter under a name; one that had the name makes way for it.

    Raises:
        Invalid: for a filter that leaves nothing out, and for what is no name.
        Conflict: if there are as many as one may keep.
    """
    work.permit()
    here, user = work.caller.organization, _person(work)
    if not asks:
        raise Invalid(Code.INVALID_FIELD, "Filter by something first: this leaves nothing out.")
    new = SavedQuery(proper_name(name), asks)
    hold_member(work.tx, here, user)
    others = {fold(one.name) for one in queries(work)} - {fold(new.name)}
    if len(others) >= MOST:
        told = sentence("You have %(most)s saved filters already: remove one.", most=MOST)
        raise Conflict(Code.CONFLICT, told)
    saved_queries.keep(work.tx, here, user, new)


@operation("audit.forget_query", requires=Scope.AUDIT_READ)
def forget_query(work: Work, name: str) -> None:
    """Forget the filter of this name.

    Raises:
        NotFound: if the person keeps none.
    """
    work.permit()
    if not saved_queries.drop(work.tx, work.caller.organization, _person(work), name):
        raise NotFound


def queries(work: Work) -> list[SavedQuery]:
    """Return what the person keeps here, in the order of the names. A step of what reads the trail.

    It is nothing but what they typed themselves.
    """
    return saved_queries.queries_of(work.tx, work.caller.organization, _person(work))


def _person(work: Work) -> UserId:
    user = work.caller.user
    assert user is not None  # noqa: S101 - a session is somebody's
    return user
