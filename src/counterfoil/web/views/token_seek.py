"""Which tokens a page lists: what stands in its address, as the verbs understand it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi.parameter import Parameter, one_of
from counterfoil.kernel.ids import UserId
from counterfoil.tokens.sought import LIVING, UNUSED_DAYS, Sought, Standing
from counterfoil.web.language import N_
from counterfoil.web.page import Visit

ALL: Final = "all"
SHOWN: Final = "shown"
OVER_DAYS: Final = 90
"""So long after a token was over it is still listed unasked."""
_MOST_CHARS: Final = 100


class Ends(StrEnum):
    """When it ends."""

    WEEK = "7d"
    MONTH = "30d"
    LATER = "later"


class Used(StrEnum):
    """Whether it was used."""

    DAY = "24h"
    EVER = "ever"
    NEVER = "never"
    IDLE = "idle"
    FLAGGED = "flagged"


ENDS: Final = MappingProxyType(
    {
        Ends.WEEK: N_("within 7 days"),
        Ends.MONTH: N_("within 30 days"),
        Ends.LATER: N_("later, or never"),
    }
)
USED: Final = MappingProxyType(
    {
        Used.DAY: N_("in the last 24 hours"),
        Used.EVER: N_("at some time"),
        Used.NEVER: N_("never"),
        Used.IDLE: N_("not for 90 days"),
        Used.FLAGGED: N_("unlike itself"),
    }
)

PARAMETERS: Final = (
    Parameter("q", "Only tokens whose name holds this, or whose secret ends like this."),
    one_of("state", "Only tokens in this state.", (ALL, *Standing)),
    one_of("expires", "Only tokens that end then.", ("", *Ends)),
    one_of("used", "Only tokens that were used so.", ("", *Used)),
    one_of("owner", "Whose: one's own, or everybody's.", ("me", ALL)),
    one_of("old", "Whether those that are long over are shown too.", ("", SHOWN)),
)


IDLE_ALONE: Final = one_of("used", "Only those that nobody used for 90 days.", (Used.IDLE,))
"""The one filter that the lists of API tokens and of pairs take."""


@dataclass(frozen=True, slots=True)
class Seek:
    """What is listed.

    Attributes:
        owner: whose tokens; None for everybody's.
        old: whether those that are long over are shown too; who asks for a state sees all of it.
        everybody: whether everybody's are listed; `may` whether that is open to who looks.
    """

    query: str
    state: Standing | None
    ends: Ends | None
    used: Used | None
    everybody: bool
    may: bool
    owner: UserId | None
    old: bool

    @classmethod
    def of(cls, visit: Visit) -> Seek:
        """Return what the address says.

        Raises:
            Malformed: for a word that it does not know.
        """
        query = visit.asked.query
        state, ends, used = (query.text(name) for name in ("state", "expires", "used"))
        everybody = query.text("owner") == ALL
        return cls(
            query=(query.text("q") or "").strip()[:_MOST_CHARS],
            state=None if state in {ALL, "", None} else query.one_of("state", Standing),
            ends=query.one_of("expires", Ends) if ends else None,
            used=query.one_of("used", Used) if used else None,
            everybody=everybody,
            may=bool(visit.caller.grant.scopes & Scope.TOKENS_APPROVE.bit),
            owner=None if everybody else visit.caller.user,
            old=query.text("old") == SHOWN,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.query or self.state or self.ends or self.used)

    @property
    def hides(self) -> bool:
        """Whether what is long over is left out."""
        return self.state is None and not self.old

    def everything(self) -> Seek:
        """Return it with what is long over."""
        return replace(self, old=True)

    def sought(self, now: datetime) -> Sought:
        """Return it in the words of the verbs."""
        found = Sought(
            over_since=now - timedelta(days=OVER_DAYS) if self.hides else None,
            standings=() if self.state is None else (self.state,),
            query=self.query,
            expires_before=None,
            flagged=True if self.used is Used.FLAGGED else None,
        )
        if self.used in {Used.EVER, Used.NEVER}:
            found = replace(found, used=self.used is Used.EVER)
        if self.used is Used.DAY:
            found = replace(found, used_since=now - timedelta(days=1))
        if self.used is Used.IDLE:
            found = replace(found, unused_since=now - timedelta(days=UNUSED_DAYS))
            found = replace(found, standings=found.standings or LIVING)
        if self.ends is Ends.LATER:
            return replace(found, expires_after=now + timedelta(days=30))
        if self.ends is not None:
            days = 7 if self.ends is Ends.WEEK else 30
            until = now + timedelta(days=days)
            return replace(found, expires_after=now, expires_before=until)
        return found


def live_between(begin: datetime, end: datetime) -> Sought:
    """Return what is sought of live tokens that end in this time."""
    just_before = begin - timedelta(microseconds=1)
    return Sought(standings=LIVING, expires_after=just_before, expires_before=end)
