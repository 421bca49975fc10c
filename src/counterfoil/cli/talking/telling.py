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
        match who.kind:
            case "personal":
                return f"Its owner asks for it: `counterfoil pat edit {token} --add-scope {scope}`."
            case "service":
                return f"Whoever manages it: `counterfoil token edit {token} --add-scope {scope}`."
            case "session":
                return (
                    f"None of your roles has it. An admin: `counterfoil role list`, then"
                    f" `counterfoil user roles {user} --add ROLE`."
                )
        return ""
