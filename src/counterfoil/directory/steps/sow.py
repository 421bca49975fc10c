"""A step of founding an organization: what its preset brings along beside the policy."""

from __future__ import annotations

from counterfoil.access.role import Role
from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.content import plant_catalog
from counterfoil.directory.seeds import SEEDS, Seed
from counterfoil.directory.steps.registry import enter
from counterfoil.directory.steps.replay import role_record
from counterfoil.directory.store.roles import add_role
from counterfoil.kernel.ids import ApiId, RoleId
from counterfoil.operation import Work


def sow(work: Work, preset: str) -> dict[str, Role]:
    """Register the APIs of a preset, give it a catalog, make its roles; return these by name."""
    seed = SEEDS.get(preset, Seed())
    if seed.catalog:
        plant_catalog(work)
    apis = [enter(work, ApiId(work.new_id()), wish) for wish in seed.apis]
    words = Vocabulary({scope.number: scope.name for api in apis for scope in api.scopes})
    roles = {
        name: Role(
            id=RoleId(work.new_id()),
            organization=work.caller.organization,
            name=name,
            scopes=EVERY_SCOPE if scopes is None else words.read(scopes),
            built_in=scopes is None,
        )
        for name, scopes in seed.roles.items()
    }
    for role in roles.values():
        add_role(work.tx, role)
        work.emit(role_record(role))
    return roles
