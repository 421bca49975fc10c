"""Who may have personal tokens: by the roles that they hold, where the policy names some.

The gates ask the same of each request (`gate/replica/fence.py`): this says early what they would.
"""

from __future__ import annotations

from counterfoil.directory.model import Member
from counterfoil.directory.presets import Policy
from counterfoil.kernel.errors import Code, Denied


def may_hold(rules: Policy, member: Member) -> bool:
    """Say whether a member holds a role whose holders may have personal tokens."""
    allowed = rules.token_roles
    return allowed is None or any(str(role) in allowed for role in member.role_ids)


def require_holder(rules: Policy, member: Member) -> None:
    """Return if a member may have personal tokens.

    Raises:
        Denied: POLICY_BLOCKED. Which roles would do is for whoever sees the policy.
    """
    if not may_hold(rules, member):
        raise Denied(
            Code.POLICY_BLOCKED, "The policy allows no personal tokens to the roles that you hold."
        )
