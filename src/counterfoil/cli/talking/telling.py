"""A client that, where a scope is missing, finds out which command asks for it."""

from __future__ import annotations

from types import TracebackType
from typing import Final

from counterfoil.cli.output.record import field
from counterfoil.cli.output.text import spelled
from counterfoil.client import Client, ClientError
from counterfoil.client.errors import ScopeMissing
from counterfoil.kernel.ids import Prefix

REMEDY: Final = "remedy"
"""Where a failure carries what to type, among what else it knows."""


class Telling(Client):
    """The client of commands."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, ScopeMissing) and isinstance(error.meta.get("scope"), str):
            error.meta = {**error.meta, REMEDY: self._remedy(error.meta["scope"])}
        super().__exit__(kind, error, trace)

    def _remedy(self, scope: str) -> str:
        """Return which command asks for a scope, for whoever speaks here."""
        try:
            who = self.whoami()
        except ClientError:
            return ""
        token, user = spelled(Prefix.TOKEN, who.id), field(who.source, "user")
        by_role = (
            f"An admin: `counterfoil role list`, then `counterfoil user roles {user} --add ROLE`."
        )
        told = {
            ("session", False): f"None of your roles has it. {by_role}",
            ("personal", True): f"It may do what its owner may, whose roles lack it. {by_role}",
            ("personal", False): (
                f"Its owner asks for it: `counterfoil pat edit {token} --add-scope {scope}`."
            ),
            ("service", True): (
                "It may do what its role or user may: `counterfoil role list` says who has it."
            ),
            ("service", False): (
                f"Whoever manages it: `counterfoil token edit {token} --add-scope {scope}`."
            ),
        }
        inherits = field(who.source, "scope_mode") == "inherit"
        return told.get((who.kind, inherits), "")
