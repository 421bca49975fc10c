"""Whoever decided something earlier, as they stand now: for what happens at a time to come.

A token is judged by the gate, by whichever secret it has now. A session is over by then, so the
person is judged: still a member, not shut out since they decided, and with the roles of now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.content import Scheduler
from counterfoil.kernel.errors import Code, NotFound, Refused
from counterfoil.operation import Work
from counterfoil.tokens.store import secrets


@dataclass(frozen=True, slots=True)
class StandIn:
    """Finds out who somebody is now; `verify` asks the gate, as `office.Verify` does."""

    verify: Callable[[Caller, int, None], tuple[Caller, int]]

    def __call__(self, work: Work, by: Scheduler) -> Caller:
        """Return who they are now. Nothing moves the feed from here on before this work commits.

        Raises:
            Refused, Denied: they may do nothing any more.
            Unserved: the gate cannot say now.
        """
        position = work.head(hold=True)
        if by.method is Method.SESSION:
            return _person(work, by)
        live = secrets.live(work.tx, by.token) if by.token is not None else ()
        if not live:
            raise Refused(Code.INVALID_TOKEN, "The token is no more.")
        shown = Caller(
            organization=work.caller.organization,
            user=None,
            method=by.method,
            grant=Grant(()),
            credential=live[-1].digest,
        )
        return self.verify(shown, position, None)[0]


def _person(work: Work, by: Scheduler) -> Caller:
    here = work.caller.organization
    gone = Refused(Code.OWNER_DEACTIVATED, "Who scheduled it is not active here.")
    if by.user is None:
        raise gone
    try:
        member = directory.member(work.tx, here, by.user)
    except NotFound:
        raise gone from None
    if not member.active or by.position <= member.cut_off:
        raise gone
    return Caller(
        organization=here,
        user=by.user,
        method=Method.SESSION,
        grant=Grant(member.terms),
        token=by.token,
        token_name=by.token_name,
    )
