"""Where API tokens and what lends them authority stand, and the options that bound a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from counterfoil.cli.people.things import ROLES, USERS
from counterfoil.cli.talking.conditions import conditions
from counterfoil.cli.talking.options import gathered, writes
from counterfoil.cli.talking.things import Things, tie
from counterfoil.cli.talking.wanted import SURFACES, Bounds
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

R = TypeVar("R")

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


def new_terms(command: Callable[..., R]) -> Callable[..., R | None]:
    """Give a command that makes something by somebody's authority the options that bound it."""
    given: Callable[..., R | None] = writes(gathered(Terms)(command))
    for option in (
        conditions,
        click.option("--description", help="Say this of it."),
        click.option("--expires", help="`90d`, `12w`, a date, an instant, or `never`."),
        click.option(
            "--surface",
            "surfaces",
            multiple=True,
            type=SURFACES,
            help="A face of the content where it works; may be repeated.",
        ),
        click.option(
            "--root", "roots", multiple=True, help="A node by id or /path; may be repeated."
        ),
        click.option("--inherit", is_flag=True, help="All that its role or user may do."),
        click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated."),
        click.option("--user", help="By this user's authority, by e-mail address or id."),
        click.option("--role", help="By this role's authority, by name or id."),
    ):
        given = option(given)
    return given
