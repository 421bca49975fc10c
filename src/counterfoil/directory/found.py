"""An organization begins: its roles, its tree, its policy and its first admin, at one stroke."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.role import BUILT_IN, Role
from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.content import plant
from counterfoil.directory.model import ADMIN, Organization, Person
from counterfoil.directory.rules import preset_named, proper_name
from counterfoil.directory.steps.admit import Newcomer, admit
from counterfoil.directory.steps.replay import organization_record, role_record
from counterfoil.directory.steps.sow import sow
from counterfoil.directory.store.cut_offs import Cut, save_cut
from counterfoil.directory.store.policies import add_policy
from counterfoil.directory.store.roles import add_role
from counterfoil.directory.store.rows import add_organization
from counterfoil.kernel.ids import OrganizationId, Prefix, RoleId, spell
from counterfoil.operation import Work, operation


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organization, its first admin, and the roles that it begins with, by name."""

    organization: Organization
    admin: Person
    roles: dict[str, Role]


@operation("organization.create", requires=None, methods={Method.SYSTEM})
def create_organization(work: Work, name: str, preset: str, first: Newcomer) -> Founded:
    """Create an organization with its built-in roles, its content root, a policy and an admin.

    It takes the id for which the caller speaks, and what its preset brings along besides.
    """
    id_ = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, id_))
    policy = preset_named(preset)
    new = Organization(id_, proper_name(name), plant(work, id_), work.now)
    add_organization(work.tx, new)
    save_cut(work.tx, Cut(new.id))
    add_policy(work.tx, id_, policy)
    roles = {
        named: Role(RoleId(work.new_id()), id_, named, scopes, built_in=True)
        for named, scopes in BUILT_IN.items()
    }
    for role in roles.values():
        add_role(work.tx, role)
    work.emit(organization_record(id_, new.name, policy), *map(role_record, roles.values()))
    roles |= sow(work, preset)
    return Founded(new, admit(work, first, (roles[ADMIN],)), roles)


def operator(organization: OrganizationId) -> Caller:
    """The caller for what is done at the machine itself.

    No request becomes it but the one that founds the first organization, by the link that was
    printed there.
    """
    return Caller(organization, None, Method.SYSTEM, Grant((Term(EVERY_SCOPE),)))
