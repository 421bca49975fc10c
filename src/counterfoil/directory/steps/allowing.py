"""Steps of whoever changes a policy: what it names is there, and somebody can still come in."""

from __future__ import annotations

from counterfoil.directory.presets import Policy
from counterfoil.directory.store.roles import roles_in
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work


def require_allowed(work: Work, before: Policy, after: Policy) -> None:
    """Return if a change names roles and scopes of the organization, and leaves a way in.

    Raises:
        Invalid: pointing at the first that is none, or at the demand that shuts everybody out.
    """
    require_way_in(work, before, after)
    require_known_roles(work, before, after)
    require_known_scopes(work, before, after)


def require_way_in(work: Work, before: Policy, after: Policy) -> None:
    """Return if whoever demands of everybody that a provider vouches for them came by one itself.

    It has to count in this very organization.

    So at least one who may change it back can come in, whatever is linked to whom.

    Raises:
        Invalid: pointing at the demand.
    """
    caller = work.caller
    asked = after.provider_only and not before.provider_only
    if asked and not caller.is_vouched_in(caller.organization):
        raise Invalid(
            Code.INVALID_FIELD,
            "Sign in at your provider first: whoever turns this on could not come in any more "
            "otherwise.",
            field="/data/attributes/provider_only",
        )


def require_known_roles(work: Work, before: Policy, after: Policy) -> None:
    """Return if each role that a change names for personal tokens is one of the organization.

    One that was deleted since it was named is nobody's, and stays until somebody names others.

    Raises:
        Invalid: pointing at the first that is none.
    """
    if after.token_roles is None or after.token_roles == before.token_roles:
        return
    known = {str(one.id) for one in roles_in(work.tx, work.caller.organization)}
    for place, role in enumerate(after.token_roles):
        if role not in known:
            field = f"/data/attributes/token_roles/{place}"
            raise Invalid(Code.INVALID_FIELD, "There is no role with this id.", field=field)


def require_known_scopes(work: Work, before: Policy, after: Policy) -> None:
    """Return if each scope for which a change asks approval is supported here.

    One that was retired since it was named is held by nobody, and stays named: it may come back.

    Raises:
        Invalid: pointing at the first that is none.
    """
    words, there = work.vocabulary(), before.approval_scopes or ()
    for place, name in enumerate(after.approval_scopes or ()):
        if name not in there and not words.scope(name).bit:
            raise Invalid(
                Code.INVALID_FIELD,
                sentence("There is no scope %(name)r.", name=name[:100]),
                field=f"/data/attributes/approval_scopes/{place}",
            )
