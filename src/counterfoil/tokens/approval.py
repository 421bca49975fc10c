"""Whether somebody else must approve what a member asks for: pure rules of the policy (K8).

Each rule asks by itself, and one that does is enough: a policy that says more asks oftener. What
the rules cannot see the end of counts as asked for: a token without an end lives longer than any
term, and one that follows its owner's roles may hold every scope one day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from counterfoil.access.scope import NO_SCOPES, Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.duration import after
from counterfoil.directory.model import Member
from counterfoil.directory.presets import Policy

READS: Final = ":read"
"""How the scopes are called that change nothing, those of registered APIs too."""


class Rule(StrEnum):
    """A member of the policy that has tokens approved, by the name that it has there."""

    ALWAYS = "approval"
    SCOPES = "approval_scopes"
    WRITES = "approval_writes"
    LIFETIME = "approval_lifetime"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody else must approve a token: a rule that asks for it.

    Attributes:
        scopes: those of the token that the rule is about; None for a token that follows its owner's
            roles, and none at all for a rule that is about no scope.
        value: what the policy says there: whose tokens, or the longest life.
    """

    rule: Rule
    scopes: Scopes | None = NO_SCOPES
    value: str | None = None


def needs_approval(
    policy: Policy,
    member: Member,
    words: Vocabulary,
    scopes: Scopes | None,
    life: tuple[datetime, datetime | None],
) -> bool:
    """Say whether somebody else must approve what a member asks for; see `reasons`."""
    return bool(reasons(policy, member, words, scopes, life))


def reasons(
    policy: Policy,
    member: Member,
    words: Vocabulary,
    scopes: Scopes | None,
    life: tuple[datetime, datetime | None],
) -> tuple[Reason, ...]:
    """Return every rule by which somebody else must approve what a member asks for.

    Args:
        policy: of the organization where the token would speak.
        member: whose it would be.
        words: the scopes of that organization.
        scopes: what it would hold; None for whatever its owner may do.
        life: when it was or would be made, and when it would end; None for never.
    """
    found = []
    if asks_always(policy, member):
        found.append(Reason(Rule.ALWAYS, value=policy.approval))
    for rule, about in (
        (Rule.SCOPES, _named(policy, words)),
        (Rule.WRITES, _writes(policy, words)),
    ):
        asked = None if scopes is None else scopes & about
        if about and asked != NO_SCOPES:
            found.append(Reason(rule, asked))
    if asks_so_long(policy, *life):
        found.append(Reason(Rule.LIFETIME, value=policy.approval_lifetime))
    return tuple(found)


def asks_always(policy: Policy, member: Member) -> bool:
    """Say whether every token of a member must be approved, whatever it may do."""
    return policy.approval == "everybody" or (
        policy.approval == "all_but_admins" and not member.is_admin
    )


def asks_for(policy: Policy, words: Vocabulary, scopes: Scopes | None) -> bool:
    """Say whether a token must be approved for what it may do."""
    about = ~free(policy, words)
    return bool(about if scopes is None else scopes & about)


def free(policy: Policy, words: Vocabulary) -> Scopes:
    """Return the scopes that nobody must approve as such; all others are asked about.

    One that is supported no more is free only where no scope is asked about at all.
    """
    return ~(_named(policy, words) | _writes(policy, words))


def needs_second(policy: Policy, words: Vocabulary, scopes: Scopes | None) -> bool:
    """Say whether two people must approve what has to be approved.

    What follows its owner's roles may come to change things.
    """
    if policy.approval_second == "writes":
        return scopes is None or bool(scopes & _changing(words))
    return policy.approval_second == "everything"


def asks_so_long(policy: Policy, made_at: datetime, ends_at: datetime | None) -> bool:
    """Say whether a token must be approved for how long it would live."""
    term = policy.approval_lifetime
    return term is not None and (ends_at is None or ends_at > after(made_at, term))


def _named(policy: Policy, words: Vocabulary) -> Scopes:
    """Return what is asked about where the policy names scopes: those."""
    if policy.approval_scopes is None:
        return NO_SCOPES
    found = words.supported
    for name in policy.approval_scopes:
        found &= ~words.scope(name).bit
    return ~found


def _writes(policy: Policy, words: Vocabulary) -> Scopes:
    """Return what is asked about where the policy asks about writing.

    Of an API's scope nothing is known but its name: one that is not called `…:read` may change
    things.
    """
    return _changing(words) if policy.approval_writes else NO_SCOPES


def _changing(words: Vocabulary) -> Scopes:
    return ~words.read(one for one in words.spell(words.supported) if one.endswith(READS))
