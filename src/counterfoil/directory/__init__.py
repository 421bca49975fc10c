"""Who there is: organizations, users, memberships, roles, and the policy of each organization.

This is the face of the slice: what other slices may use of it. Positions are the feed's.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from counterfoil.access.scope import Scope
from counterfoil.directory.api import Api
from counterfoil.directory.duration import after
from counterfoil.directory.edit_policy import PolicyEdited, settle_enforcement
from counterfoil.directory.edit_policy import changed as changed_policy
from counterfoil.directory.found import Founded, operator
from counterfoil.directory.model import ADMIN, Member, Organization, Person, User, fold
from counterfoil.directory.presets import Policy
from counterfoil.directory.retell import retell
from counterfoil.directory.rounds import Rounds, close_amiss
from counterfoil.directory.rules import require_due
from counterfoil.directory.rules_routes import LONGEST_GRACE_S
from counterfoil.directory.sought import Presence, Sought
from counterfoil.directory.steps.allowing import require_allowed
from counterfoil.directory.steps.bounded import nodes_told, roles_told, trail_told, with_untold
from counterfoil.directory.steps.change import changed_member
from counterfoil.directory.steps.cut import cut_off_tokens
from counterfoil.directory.steps.hand_over import hand_over
from counterfoil.directory.steps.joining import answer_invitation, own_invitation
from counterfoil.directory.steps.postpone import postpone
from counterfoil.directory.steps.reach import (
    require_alone_here,
    require_reach,
    roles_to_give,
)
from counterfoil.directory.steps.replay import records
from counterfoil.directory.steps.reshape import changed_role, require_custom
from counterfoil.directory.steps.standing import lineage
from counterfoil.directory.store.apis import apis_in, vocabulary
from counterfoil.directory.store.cut_offs import (
    beside_cut_offs,
    complete_cut_offs,
    cut,
    cut_beside,
    cut_off_beside,
    is_cut_sound,
)
from counterfoil.directory.store.everywhere import (
    asking_for_provider,
    ever_members,
    home_of_role,
    homes,
    homes_of_apis,
    organization_ids,
)
from counterfoil.directory.store.installation import (
    KeyNames,
    keep_founding,
    key_names,
    name_keys,
    name_seal,
    prefix,
    seal_name,
    settle_prefix,
    take_founding,
)
from counterfoil.directory.store.languages import keep_first_language, language
from counterfoil.directory.store.members import approvers as active_people
from counterfoil.directory.store.members import hold_member, member, members_with
from counterfoil.directory.store.members import memberships_of as memberships
from counterfoil.directory.store.people import called, everybody, name_in, people
from counterfoil.directory.store.policies import (
    enforcements_due,
    hold_policy,
    idle_after,
    policy,
)
from counterfoil.directory.store.roles import role, role_named, roles_in
from counterfoil.directory.store.routed import LONGEST_GRACE, api_behind_a_gate
from counterfoil.directory.store.rows import (
    hold_user,
    is_founded,
    organization,
    organization_names,
    organizations_all,
    user,
    user_by_email,
    user_names,
)
from counterfoil.directory.store.sealed import reseal
from counterfoil.kernel.ids import OrganizationId, UserId


def approvers(tx: Connection, organization: OrganizationId) -> list[UserId]:
    """Return the active people here whose roles let them approve tokens."""
    wanted = Scope.TOKENS_APPROVE.bit
    return [
        one.user
        for one in active_people(tx, organization)
        if any(term.scopes & wanted for term in one.terms)
    ]


def lock_life(tx: Connection, organization: OrganizationId) -> timedelta:
    """Return how long a lock holds that nobody renews."""
    return timedelta(minutes=policy(tx, organization).lock_minutes)


__all__ = [
    "ADMIN",
    "LONGEST_GRACE",
    "LONGEST_GRACE_S",
    "Api",
    "Founded",
    "KeyNames",
    "Member",
    "Organization",
    "Person",
    "Policy",
    "PolicyEdited",
    "Presence",
    "Rounds",
    "Sought",
    "User",
    "active_people",
    "after",
    "answer_invitation",
    "api_behind_a_gate",
    "apis_in",
    "approvers",
    "asking_for_provider",
    "beside_cut_offs",
    "called",
    "changed_member",
    "changed_policy",
    "changed_role",
    "close_amiss",
    "complete_cut_offs",
    "cut",
    "cut_beside",
    "cut_off_beside",
    "cut_off_tokens",
    "enforcements_due",
    "ever_members",
    "everybody",
    "fold",
    "hand_over",
    "hold_member",
    "hold_policy",
    "hold_user",
    "home_of_role",
    "homes",
    "homes_of_apis",
    "idle_after",
    "is_cut_sound",
    "is_founded",
    "keep_first_language",
    "keep_founding",
    "key_names",
    "language",
    "lineage",
    "lock_life",
    "member",
    "members_with",
    "memberships",
    "name_in",
    "name_keys",
    "name_seal",
    "nodes_told",
    "operator",
    "organization",
    "organization_ids",
    "organization_names",
    "organizations_all",
    "own_invitation",
    "people",
    "policy",
    "postpone",
    "prefix",
    "records",
    "require_allowed",
    "require_alone_here",
    "require_custom",
    "require_due",
    "require_reach",
    "reseal",
    "retell",
    "role",
    "role_named",
    "roles_in",
    "roles_to_give",
    "roles_told",
    "seal_name",
    "settle_enforcement",
    "settle_prefix",
    "take_founding",
    "trail_told",
    "user",
    "user_by_email",
    "user_names",
    "vocabulary",
    "with_untold",
]
