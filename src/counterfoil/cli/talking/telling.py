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
            ("personal", False): f"Its owner has no role that has it. {by_role}",
            ("personal", True): (
                f"Its owner asks for it: `counterfoil pat edit {token} --add-scope {scope}`."
            ),
            ("service", False): (
                "Its role or user lacks it, too: `counterfoil role list` says who has it."
            ),
            ("service", True): (
                f"Whoever manages it: `counterfoil token edit {token} --add-scope {scope}`."
            ),
        }
        if who.kind == "exchanged":
            return (
                f"It was made of another: make it anew with `--scope {scope}`, by"
                f" `counterfoil token attenuate` or `counterfoil key-pair create`."
            )
        lacks = field(who.source, "lacks")
        is_to_be_had = lacks is None or (isinstance(lacks, list) and scope in lacks)
        return told.get((who.kind, who.kind != "session" and is_to_be_had), "")
