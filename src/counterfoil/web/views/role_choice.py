"""Which roles somebody may hand out, as the verbs that hand them out say it."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil.access.grant import lie_inside
from counterfoil.access.role import Role
from counterfoil.access.scope import Scope
from counterfoil.directory.show import list_roles
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, RoleId
from counterfoil.operation import Work
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.web.form import Form
from counterfoil.web.language import N_


def lendable(work: Work) -> list[Role]:
    """Return the roles of which nothing reaches further than the caller does."""
    if not work.caller.grant.scopes & Scope.ROLES_READ.bit:
        return []
    return [role for role in list_roles(work) if within_reach(work, [role])]


def within_reach(work: Work, roles: Iterable[Role]) -> bool:
    """Say whether nothing that these roles allow reaches further than the caller does."""
    at = lineage_of(work.tx, work.caller.organization)
    return lie_inside([role.term for role in roles], work.caller.grant.terms, at)


def roles_in(form: Form) -> list[RoleId]:
    """Return the roles that are ticked.

    Raises:
        Invalid: for what is no id.
    """
    try:
        return [RoleId(ids.read(Prefix.ROLE, one)) for one in form.many("roles") if one]
    except NotFound:
        raise no_such_role() from None


def no_such_role() -> Invalid:
    """The answer for a role that is gone, or never was."""
    return Invalid(Code.INVALID_FIELD, N_("There is no such role any more."), field="/roles")
