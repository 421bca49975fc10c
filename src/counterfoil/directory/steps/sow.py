"""A step of whoever chooses a preset: what it brings along beside the policy."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil.access.role import Role
from counterfoil.access.scope import EVERY_SCOPE, NO_SCOPES, Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.content import plant_catalog
from counterfoil.directory.model import fold
from counterfoil.directory.seeds import SEEDS, Seed
from counterfoil.directory.steps.registry import enter
from counterfoil.directory.steps.replay import role_record
from counterfoil.directory.store.apis import apis_in, vocabulary
from counterfoil.directory.store.roles import add_role, roles_in
from counterfoil.kernel.ids import ApiId, RoleId
from counterfoil.operation import Work


def sow(work: Work, preset: str) -> dict[str, Role]:
    """Register the APIs of a preset, give it a catalog, make its roles; return new ones by name.

    What an organization has by these names already stays as it is.

    Raises:
        Conflict: if another API of the organization has taken a scope of these.
    """
    seed, here = SEEDS.get(preset, Seed()), work.caller.organization
    if seed.catalog:
        plant_catalog(work)
    known = {one.audience for one in apis_in(work.tx, here)}
    for wish in seed.apis:
        if wish.audience not in known:
            enter(work, ApiId(work.new_id()), wish)
    words = vocabulary(work.tx, here)
    taken = {fold(one.name) for one in roles_in(work.tx, here)}
    roles = {
        name: Role(
            id=RoleId(work.new_id()),
            organization=here,
            name=name,
            scopes=EVERY_SCOPE if scopes is None else _supported(words, scopes),
            built_in=scopes is None,
        )
        for name, scopes in seed.roles.items()
        if fold(name) not in taken
    }
    for role in roles.values():
        add_role(work.tx, role)
        work.emit(role_record(role))
    return roles


def _supported(words: Vocabulary, names: Iterable[str]) -> Scopes:
    """Return those of these scopes that the organization supports: it may have dropped some."""
    mask = NO_SCOPES
    for name in names:
        mask |= words.scope(name).bit
    return mask
