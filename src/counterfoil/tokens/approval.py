"""Whether somebody else must approve what a member asks for: pure rules of the policy (K8).

Each rule asks by itself, and one that does is enough: a policy that says more asks oftener. What
the rules cannot see the end of counts as asked for: a token without an end lives longer than any
term, and one that follows its owner's roles may hold every scope one day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from counterfoil.access.scope import NO_SCOPES, Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.duration import after
from counterfoil.directory.model import Member
from counterfoil.directory.presets import Policy

_READS: Final = ":read"


def needs_approval(
    policy: Policy,
    member: Member,
    words: Vocabulary,
    scopes: Scopes | None,
    life: tuple[datetime, datetime | None],
) -> bool:
    """Say whether somebody else must approve what a member asks for.

    Args:
        policy: of the organization where the token would speak.
        member: whose it would be.
        words: the scopes of that organization.
        scopes: what it would hold; None for whatever its owner may do.
        life: when it was or would be made, and when it would end; None for never.
    """
    return (
        asks_always(policy, member)
        or asks_for(policy, words, scopes)
        or asks_so_long(policy, *life)
    )


def asks_always(policy: Policy, member: Member) -> bool:
    """Say whether every token of a member must be approved, whatever it may do."""
    return policy.approval == "everybody" or (
        policy.approval == "all_but_admins" and not member.is_admin
    )


def asks_for(policy: Policy, words: Vocabulary, scopes: Scopes | None) -> bool:
    """Say whether a token must be approved for what it may do."""
    if scopes is None:
        return policy.approval_writes or policy.approval_scopes is not None
    return bool(scopes & ~free(policy, words))


def free(policy: Policy, words: Vocabulary) -> Scopes:
    """Return the scopes that nobody must approve as such; all others are asked about.

    Of an API's scope nothing is known but its name: one that is not called `…:read` may change
    things. One that is supported no more is free only where no scope is asked about at all.
    """
    if not policy.approval_writes and policy.approval_scopes is None:
        return ~NO_SCOPES
    found = words.supported
    if policy.approval_writes:
        found = words.read(one for one in words.spell(found) if one.endswith(_READS))
    for name in policy.approval_scopes or ():
        found &= ~words.scope(name).bit
    return found


def asks_so_long(policy: Policy, made_at: datetime, ends_at: datetime | None) -> bool:
    """Say whether a token must be approved for how long it would live."""
    term = policy.approval_lifetime
    return term is not None and (ends_at is None or ends_at > after(made_at, term))
