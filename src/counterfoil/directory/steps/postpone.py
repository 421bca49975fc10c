"""A step of whoever enforces a policy: what is left of it is due from now on."""

from __future__ import annotations

from dataclasses import replace

from counterfoil.directory.presets import Policy
from counterfoil.directory.store.policies import save_policy
from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work


def postpone(work: Work, organization: OrganizationId, policy: Policy) -> Policy:
    """Leave to the sweep those tokens that have not come under a policy yet."""
    then = replace(policy, enforce_at=work.now, version=policy.version + 1)
    save_policy(work.tx, organization, then)
    return then
