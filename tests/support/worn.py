"""A token that was used for a month, for the pages that show how."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import Outcome, Usage
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.office import Office
from counterfoil.runtime.witness import NOBODY
from counterfoil.tokens import Tally, reseal
from counterfoil.tokens.store import flags
from counterfoil.tokens.store.tables import tokens
from counterfoil.tokens.suspicion import Flag, Reason
from support.office import StandingClock


def wear(office: Office, owner: Caller, id_: str) -> None:
    """Let a token have been used for a month, in every way; lately from somewhere new."""
    now, token = office.clock(), TokenId(int(id_))
    holder = Caller(owner.organization, owner.user, Method.PERSONAL, Grant(()), token)
    clock = StandingClock()
    clock.now = now - timedelta(days=29)
    usage = Usage(clock)
    for hours in range(0, 24 * 29, 3):
        for n in range(2 + hours * 7 % 23):
            outcome = _WAYS[(n + hours) % len(_WAYS)]
            client, address = _FROM[n % len(_FROM)]
            surface = _WHERE[n % len(_WHERE)]
            usage.count(holder, surface, outcome, client, address)
        Tally(office.database, usage).flush()
        clock.move_on(hours=3)
    flag(office, owner.organization, token)


def flag(office: Office, organization: OrganizationId, token: TokenId) -> None:
    """Let a token have come from a new network two hours ago, and again now."""
    now = office.clock()
    told = "It was used from 203.0.113.0/24, where it never came from before."
    with office.database.transaction(NOBODY) as tx:
        raised = Flag(Reason.NEW_NETWORK, told, now - timedelta(hours=2), now, 1)
        flags.put(tx, flags.Whose(organization, token), raised)


def age(office: Office, id_: str, days: int = 100, ended: int = 0) -> None:
    """Let a token have been made so many days ago, and perhaps have ended some days ago."""
    now = office.clock()
    told = {"created_at": now - timedelta(days=days)}
    if ended:
        told["expires_at"] = now - timedelta(days=ended)
    with office.database.transaction(NOBODY) as tx:
        tx.execute(update(tokens).where(tokens.c.id == int(id_)).values(told))
        reseal(tx)  # or it would count as tampered with


_WAYS = (
    *(Outcome.ALLOWED,) * 9,
    Outcome.FORBIDDEN,
    Outcome.ALLOWED,
    Outcome.LIMITED,
    Outcome.DISABLED,
)
_WHERE = (Surface.MANAGEMENT, Surface.DELIVERY, Surface.MANAGEMENT, Surface.DELIVERY, None)
"""Where it was used: twice in five on each of two APIs of ours, else at a registered one."""
_FROM = (
    ("curl/8.5.0", "192.0.2.7"),
    ("dc-management-sdk-js/3.2.1", "192.0.2.9"),
    ("curl/8.5.0", "203.0.113.4"),
    ("counterfoil/0.1", "2001:db8:1::7"),
)
