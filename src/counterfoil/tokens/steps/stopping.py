"""Which tokens in force a policy stops, or has switched off, that the present one lets be."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from counterfoil import directory
from counterfoil.access.networks import networks
from counterfoil.directory import Member, Policy
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.holders import may_hold
from counterfoil.tokens.model import State
from counterfoil.tokens.steps.notify import LASTING
from counterfoil.tokens.store.lasting import Lasting, lasting


class Why(StrEnum):
    """What is against a token; the first of these that is.

    ROLE: its owner holds none of the roles whose holders may have personal tokens. ADDRESS: where
    it was last used lies outside the ranges of the organization, or not surely inside. IDLE: nobody
    has used it for too long.
    """

    ROLE = "role"
    ADDRESS = "address"
    IDLE = "idle"


class Stop(NamedTuple):
    """A token that a policy stops."""

    token: Lasting
    why: Why


def stopping(work: Work, before: Policy, after: Policy) -> list[Stop]:
    """Return the tokens here that another policy stops, the one used last coming first."""
    if _asks(before) == _asks(after):
        return []
    here = work.caller.organization
    people = {one.user: one for one in directory.active_people(work.tx, here)}
    found = []
    for one in lasting(work.tx, here, work.now, LASTING):
        if one.state is not State.ACTIVE:
            continue
        member = None if one.holder is None else people.get(one.holder)
        why = _against(after, one, member, work.now)
        if why is not None and _against(before, one, member, work.now) is not why:
            found.append(Stop(one, why))
    return found


def _asks(rules: Policy) -> tuple[object, ...]:
    return rules.token_roles, rules.ip_ranges, rules.idle_days


def _against(rules: Policy, one: Lasting, owner: Member | None, now: datetime) -> Why | None:
    barred = one.kind is Kind.PERSONAL and owner is not None and not may_hold(rules, owner)
    if barred:
        return Why.ROLE
    if _is_elsewhere(rules, one.network):
        return Why.ADDRESS
    days = rules.idle_days
    if days is not None and one.idle_since < now - timedelta(days=days):
        return Why.IDLE
    return None


def _is_elsewhere(rules: Policy, network: str | None) -> bool:
    """Say whether a network that something came from is not within those of the policy."""
    allowed = rules.networks
    if allowed is None or network is None:
        return False
    try:
        return not networks([network]).lies_inside(allowed)
    except ValueError:  # it came from what is no address
        return True
