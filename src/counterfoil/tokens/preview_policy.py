"""What a policy would do to the tokens and the people that are there, before it is saved.

It asks the very functions that make tokens and that enforce a policy: what is foreseen here is what
comes, unless somebody makes or ends a token in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.directory import Member, Policy
from counterfoil.kernel.errors import Conflict
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.approval import asks_always, needs_approval
from counterfoil.tokens.steps.outside import end_of, outside_of
from counterfoil.tokens.steps.stopping import Why, stopping
from counterfoil.tokens.store import lists
from counterfoil.tokens.store.lasting import Lasting, lasting

LATELY: Final = timedelta(days=1)
SHOWN: Final = 100
"""So many tokens are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one token that does not abide by a policy, if that is enforced.

    Attributes:
        ends_at: its new end; for a guest, when it no longer speaks here.
        owner: what whoever it is to is called; empty for what a program made.
        is_guest: whether it is at home in another organization, and goes on there.
    """

    token: Lasting
    ends_at: datetime
    owner: str
    is_guest: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """A token that a policy stops, and what whoever it is to is called; empty for a program."""

    token: Lasting
    why: Why
    owner: str


@dataclass(frozen=True, slots=True)
class Impact:
    """What a policy would do.

    Attributes:
        before: the policy in force.
        after: the policy that would be.
        enforced_at: the instant for which the new ends are said.
        tokens: how many live tokens do not abide by it, API tokens and pairs among them.
        people: whose those are, counted.
        used_lately: how many of them were used within a day.
        ending: how many of them end at that very instant.
        fates: those that were used last, at most a hundred.
        over_quota: how many people hold more personal tokens than it allows. They keep them.
        newly_asking: how many members must ask for approval of every token who need not now.
        newly_free: how many need not who must ask now.
        alike_asking: how many personal tokens there are whose like would have to be approved, and
            need not be now. They go on; what makes one wider, and a successor, asks.
        alike_free: how many whose like has to be approved now, and would not have to be.
        stopped: how many tokens in force it stops, or has the sweep switch off, by what is against
            them. Nobody can put that off, and it ends when the policy changes again.
        stops: those that were used last, at most a hundred.
    """

    before: Policy
    after: Policy
    enforced_at: datetime
    tokens: int
    people: int
    used_lately: int
    ending: int
    fates: tuple[Fate, ...]
    over_quota: int
    newly_asking: int
    newly_free: int
    alike_asking: int
    alike_free: int
    stopped: Mapping[Why, int]
    stops: tuple[Stopped, ...]


@operation("policy.preview", requires=Scope.POLICY_MANAGE, reads=True)
def preview_policy(
    work: Work, changes: Mapping[str, Any], preset: str | None = None, version: int | None = None
) -> Impact:
    """Say what these changes of the policy would do; `version` is the one that was looked at.

    Raises:
        Stale: if the policy is another one by now.
        Invalid: for what could not be saved.
    """
    here = work.caller.organization
    before = directory.policy(work.tx, here)
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    require_version(before.version, version)
    after = directory.changed_policy(before, preset, changes)
    directory.require_allowed(work, before, after)
    at = max(after.enforce_at or work.now, work.now)
    outside = [(one, end_of(after, one, at, here)) for one in outside_of(work, after)]
    people = directory.active_people(work.tx, here)
    alike = _alike(work, before, after, people)
    named = outside[:SHOWN]
    stops = stopping(work, before, after)
    shown = [one.token for one in stops[:SHOWN]] + [one for one, _ in named]
    names = directory.user_names(work.tx, here, {one.holder for one in shown if one.holder})
    return Impact(
        before=before,
        after=after,
        enforced_at=at,
        tokens=len(outside),
        people=len({one.holder for one, _ in outside if one.holder is not None}),
        used_lately=sum(
            one.used_at is not None and one.used_at > work.now - LATELY for one, _ in outside
        ),
        ending=sum(end == at for _, end in outside),
        fates=tuple(
            Fate(one, end, names[one.holder] if one.holder else "", is_guest=one.home != here)
            for one, end in named
        ),
        over_quota=_over_quota(work, after, people),
        newly_asking=_asking(after, before, people),
        newly_free=_asking(before, after, people),
        alike_asking=alike[True],
        alike_free=alike[False],
        stopped=Counter(one.why for one in stops),
        stops=tuple(
            Stopped(one, why, names[one.holder] if one.holder else "") for one, why in stops[:SHOWN]
        ),
    )


def _asking(rules: Policy, other: Policy, people: Iterable[Member]) -> int:
    """Count whose every token must be approved by a policy, and need not be by another."""
    return sum(asks_always(rules, one) and not asks_always(other, one) for one in people)


def _alike(
    work: Work, before: Policy, after: Policy, people: Iterable[Member]
) -> Mapping[bool, int]:
    """Count the personal tokens whose like one policy alone has approved: then, or now."""
    if _approves(before) == _approves(after):
        return Counter()
    here, words = work.caller.organization, work.vocabulary()
    members = {one.user: one for one in people}
    found: Counter[bool] = Counter()
    for one in lasting(work.tx, here, work.now, (Kind.PERSONAL,)):
        owner = None if one.holder is None else members.get(one.holder)
        if owner is not None:
            life = (one.made_at, one.ends_at)
            now, then = (
                needs_approval(rules, owner, words, one.scopes, life) for rules in (before, after)
            )
            found[then] += now is not then
    return found


def _approves(rules: Policy) -> tuple[object, ...]:
    return (
        rules.approval, rules.approval_scopes, rules.approval_writes, rules.approval_lifetime,
    )  # fmt: skip


def _over_quota(work: Work, rules: Policy, people: Iterable[Member]) -> int:
    """Count who holds more than could be made; who holds just so many has room for no more."""
    if rules.quota is None:
        return 0
    held = lists.count_held_by_each(work.tx, work.caller.organization, work.now)
    return sum(_exceeds(rules, held.get(one.user, 0)) for one in people)


def _exceeds(rules: Policy, held: int) -> bool:
    try:
        policy.require_quota(replace(rules, creations_per_hour=None), held - 1, 0)
    except Conflict:
        return True
    return False
