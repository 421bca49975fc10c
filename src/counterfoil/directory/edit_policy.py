"""The policy of an organization changes: by a person, and by one who saw the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory.duration import fits
from counterfoil.directory.enroll import BY_HAND
from counterfoil.directory.presets import PRESETS, Policy
from counterfoil.directory.rules import (
    EDITABLE,
    begun_again,
    require_due,
    sound,
    within_bounds,
)
from counterfoil.directory.steps.allowing import require_allowed
from counterfoil.directory.steps.changes import tell_policy
from counterfoil.directory.steps.replay import organization_record
from counterfoil.directory.steps.sow import sow
from counterfoil.directory.store.policies import hold_policy, save_policy
from counterfoil.directory.store.rows import organization
from counterfoil.kernel.errors import Code, Invalid, Unconditional
from counterfoil.kernel.ids import OrganizationId, Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation


@dataclass(frozen=True, slots=True)
class PolicyEdited:
    """The policy of an organization is another one now, or its limits hold for all tokens.

    `at_once` says that the limits hold from now on for tokens that were made before, too.
    """

    organization: OrganizationId
    before: Policy
    after: Policy
    at_once: bool = False


@operation("policy.edit", requires=Scope.POLICY_MANAGE, methods=BY_HAND, fresh=True)
def edit_policy(
    work: Work, expected: int | None, changes: Mapping[str, Any], preset: str | None = None
) -> Policy:
    """Set fields of the policy; with a preset, begin again from that one and what it brings along.

    An `enforce_at` that has passed is no announcement: tokens that the limits would not allow come
    under them in this very transaction, as many as one transaction can. If some are left, the
    policy has this instant as its `enforce_at` once that is committed, until the sweep is through.

    Raises:
        Unconditional: if the caller says no version.
        Stale: if the policy is no longer the version that the caller looked at.
        Invalid: naming the field that is none, or makes no sense beside the others.
    """
    id_ = work.caller.organization
    before = hold_policy(work.tx, id_)
    work.permit(target=spell(Prefix.ORGANIZATION, id_))
    if expected is None:
        raise Unconditional(detail="Name the version that you looked at in If-Match.")
    require_version(before.version, expected)
    then = changed(before, preset, changes)
    require_allowed(work, before, then)
    at_once = then.is_enforced(work.now) and "enforce_at" in changes
    if at_once:
        then = replace(then, enforce_at=None)
    if preset is not None:
        sow(work, preset)
    if then != before:
        then = replace(then, version=before.version + 1)
        save_policy(work.tx, id_, then)
        tell_policy(work, before, then)
    if at_once or then != before:
        work.announce(PolicyEdited(id_, before, then, at_once))
    name = organization(work.tx, id_).name
    record = organization_record(id_, name, then)
    if record != organization_record(id_, name, before):
        work.emit(record)
    return then


@operation("policy.settle", requires=None, methods=frozenset({Method.SYSTEM}))
def settle_enforcement(work: Work) -> Policy:
    """Take down what was announced, once it is done: from here on the limits hold for every token.

    Raises:
        Conflict: if nothing is due, for somebody has withdrawn it meanwhile.
    """
    id_ = work.caller.organization
    before = hold_policy(work.tx, id_)
    work.permit(target=spell(Prefix.ORGANIZATION, id_))
    require_due(before, work.now)
    then = replace(before, enforce_at=None, version=before.version + 1)
    save_policy(work.tx, id_, then)
    tell_policy(work, before, then)
    return then


@operation("policy.lift_provider", requires=None, methods=frozenset({Method.SYSTEM}))
def lift_provider(work: Work) -> bool:
    """Let people enter again by whatever they sign in with; say whether that was asked otherwise.

    It is the operator's, at the machine: for when the provider, or everybody's account there, is
    gone.
    """
    id_ = work.caller.organization
    before = hold_policy(work.tx, id_)
    work.permit(target=spell(Prefix.ORGANIZATION, id_))
    if not before.provider_only:
        return False
    then = replace(before, provider_only=False, version=before.version + 1)
    save_policy(work.tx, id_, then)
    tell_policy(work, before, then)
    work.announce(PolicyEdited(id_, before, then))
    work.emit(organization_record(id_, organization(work.tx, id_).name, then))
    return True


def changed(before: Policy, preset: str | None, changes: Mapping[str, Any]) -> Policy:
    """Return the sound policy that comes of these changes, still at the version of the old one.

    A default lifetime that nobody set follows the limit that somebody did. Where it is announced
    that limits will hold for older tokens, who changes the limits says what becomes of that.
    """
    for name in changes:
        if name not in EDITABLE:
            raise Invalid(
                Code.INVALID_FIELD, "This cannot be set.", field=f"/data/attributes/{name}"
            )
    base = before if preset is None else begun_again(before, preset)
    then = within_bounds(replace(base, **changes))
    if before.enforce_at and then.limits != before.limits and "enforce_at" not in changes:
        raise Invalid(
            Code.INVALID_FIELD,
            "It is announced that the present limits will hold for tokens that are there: say when "
            "these do, or null for never.",
            field="/data/attributes/enforce_at",
        )
    if "lifetime_default" not in changes:
        then = replace(then, lifetime_default=_default(then))
    return sound(then)


def _default(policy: Policy) -> str | None:
    limit, default = policy.lifetime_max, policy.lifetime_default
    if default is None:
        return None if policy.allow_no_expiration else limit or PRESETS["default"].lifetime_default
    if limit is None or fits(default, limit):
        return default
    return limit
