"""Where API tokens and what lends them authority stand, and the options that bound a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.people.things import ROLES, USERS
from counterfoil.cli.talking.things import Things, tie
from counterfoil.cli.talking.wanted import Bounds
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

TOKENS: Final = Things(
    "/cma/api_tokens", "api_token", Prefix.TOKEN, "API token", "counterfoil token list"
)
COLUMNS: Final = (
    "id name token_hint enabled role user scopes roots surfaces expires_at last_used_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Bounds):
    """What an API token may do, and by whose authority."""

    description: str | None
    role: str | None
    user: str | None
    inherit: bool

    def said(self) -> dict[str, Any]:
        """Return the attributes that need no server to be understood."""
        if self.inherit and self.scopes:
            raise click.UsageError("--inherit is all scopes: give it or --scope.")
        if self.role and self.user:
            raise click.UsageError("A token acts by a role or by a user: give one of them.")
        said = Bounds.said(self)
        if self.inherit:
            said["scope_mode"], said["scopes"] = "inherit", None
        return said if self.description is None else {**said, "description": self.description}

    def ties(self, client: Client) -> dict[str, Any]:
        """Return whose authority it takes, by id."""
        if self.role:
            return {"role": tie("role", ROLES.id(client, self.role))}
        if self.user:
            return {"user": tie("user", USERS.id(client, self.user))}
        return {}


def widened(before: Sequence[str] | None, added: Sequence[str]) -> list[str]:
    """Return the scopes with those that are added."""
    return list(dict.fromkeys([*(before or ()), *added]))
