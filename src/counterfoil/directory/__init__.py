"""Who there is: organizations, users, memberships, roles, and the policy of each organization.

This is the face of the slice: what other slices may use of it. Positions are the feed's.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from counterfoil.access.scope import Scope
from counterfoil.directory.duration import after
from counterfoil.directory.edit_policy import PolicyEdited
from counterfoil.directory.found import Founded, operator
from counterfoil.directory.model import ADMIN, Member, Organization, Person, User, fold
from counterfoil.directory.presets import Policy
from counterfoil.directory.sought import Presence, Sought
from counterfoil.directory.steps.change import changed_member
from counterfoil.directory.steps.hand_over import hand_over
from counterfoil.directory.steps.joining import answer_invitation, own_invitation
from counterfoil.directory.steps.reach import (
    require_alone_here,
    require_reach,
    roles_to_give,
)
from counterfoil.directory.steps.replay import records
from counterfoil.directory.steps.reshape import changed_role, require_custom
from counterfoil.directory.store.apis import vocabulary
from counterfoil.directory.store.installation import (
    keep_founding,
    prefix,
    settle_prefix,
    take_founding,
)
from counterfoil.directory.store.members import approvers as _people_within
from counterfoil.directory.store.members import cut_offs, hold_member, member, members_with
from counterfoil.directory.store.members import memberships_of as memberships
from counterfoil.directory.store.people import people
from counterfoil.directory.store.policies import policy
from counterfoil.directory.store.roles import role, role_named
from counterfoil.directory.store.rows import (
    hold_user,
    is_founded,
    organization,
    organization_names,
    user,
    user_by_email,
)
from counterfoil.kernel.ids import OrganizationId, UserId


def approvers(tx: Connection, organization: OrganizationId) -> list[UserId]:
    """Return the active people here whose roles let them approve tokens."""
    wanted = Scope.TOKENS_APPROVE.bit
    return [
        one.user
        for one in _people_within(tx, organization)
        if any(term.scopes & wanted for term in one.terms)
    ]


def lock_life(tx: Connection, organization: OrganizationId) -> timedelta:
    """Return how long a lock holds that nobody renews."""
    return timedelta(minutes=policy(tx, organization).lock_minutes)


__all__ = [
    "ADMIN",
    "Founded",
    "Member",
    "Organization",
    "Person",
    "Policy",
    "PolicyEdited",
    "Presence",
    "Sought",
    "User",
    "after",
    "answer_invitation",
    "approvers",
    "changed_member",
    "changed_role",
    "cut_offs",
    "fold",
    "hand_over",
    "hold_member",
    "hold_user",
    "is_founded",
    "keep_founding",
    "lock_life",
    "member",
    "members_with",
    "memberships",
    "operator",
    "organization",
    "organization_names",
    "own_invitation",
    "people",
    "policy",
    "prefix",
    "records",
    "require_alone_here",
    "require_custom",
    "require_reach",
    "role",
    "role_named",
    "roles_to_give",
    "settle_prefix",
    "take_founding",
    "user",
    "user_by_email",
    "vocabulary",
]
