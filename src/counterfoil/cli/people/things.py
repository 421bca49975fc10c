"""Where members, roles and organizations stand."""

from __future__ import annotations

from typing import Final

from counterfoil.cli.talking.things import Things
from counterfoil.kernel.ids import Prefix

ROLES: Final = Things(
    "/cma/roles", "role", Prefix.ROLE, "role", "counterfoil role list", paged=False
)
USERS: Final = Things(
    "/cma/users", "user", Prefix.USER, "member", "counterfoil user list", key="email"
)
ORGANIZATIONS: Final = Things(
    "/cma/organizations",
    "organization",
    Prefix.ORGANIZATION,
    "organization",
    "counterfoil organization list",
    paged=False,
)
