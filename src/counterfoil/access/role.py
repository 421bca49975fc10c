"""Roles: the most that a member's tokens may carry, now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from counterfoil.access.grant import Term
from counterfoil.access.roots import Roots
from counterfoil.access.scope import EVERY_SCOPE, NO_SCOPES, Scope, Scopes, scopes
from counterfoil.kernel.ids import OrganizationId, RoleId

READER: Final = scopes(Scope.CONTENT_READ, Scope.CONTENT_TYPES_READ, Scope.ASSETS_READ)
EDITOR: Final = READER | scopes(
    Scope.CONTENT_WRITE, Scope.CONTENT_PUBLISH, Scope.CONTENT_DELETE, Scope.ASSETS_WRITE
)
DEVELOPER: Final = EDITOR | scopes(Scope.CONTENT_TYPES_WRITE)

BUILT_IN: Final[dict[str, Scopes]] = {
    "admin": EVERY_SCOPE,
    "developer": DEVELOPER,
    "editor": EDITOR,
    "reader": READER,
}
"""The roles that every organization begins with. `admin` holds custom scopes too."""


@dataclass(frozen=True, slots=True)
class Role:
    """A named term: which scopes, and where.

    `is_sound` says whether it is as we have written it. If not, somebody changed it in the
    database: then it allows nothing, and no state is made of it before it is closed (S5).
    """

    id: RoleId
    organization: OrganizationId
    name: str
    scopes: Scopes
    roots: Roots = None
    built_in: bool = False
    version: int = 1
    is_sound: bool = True

    @property
    def term(self) -> Term:
        """What the role lets its holder do."""
        return Term(self.scopes, self.roots)

    def emptied(self) -> Role:
        """Return the role as one that allows nothing, nowhere, and is no built-in one."""
        return replace(self, scopes=NO_SCOPES, roots=frozenset(), built_in=False)
