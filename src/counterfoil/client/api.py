"""The client that blocks. One is bound to one server and one credential."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from counterfoil.client.calls import Calls
from counterfoil.client.credential import Credential
from counterfoil.client.manners import Manners
from counterfoil.client.patience import USUAL, Patience
from counterfoil.client.surroundings import surroundings
from counterfoil.client.wire import AGENT, Sleep, Wire


class Client(Calls[Wire]):
    """The typed client. Blocking; threads may share it.

    Args:
        url: the server's base URL.
        credential: `Bearer`, `Pair` or `Session`; none for what is open to everybody.
        organization: where to act, if the credential speaks in several.
        agent: what the program calls itself; the audit trail keeps it.
        patience: how long to wait, and how often to ask.
        sleep: how to wait.
    """

    over: type[Wire] = Wire
    """The connection that it speaks over."""

    def __init__(
        self,
        url: str,
        credential: Credential | None = None,
        *,
        organization: str | None = None,
        agent: str = AGENT,
        patience: Patience = USUAL,
        sleep: Sleep = time.sleep,
    ) -> None:
        super().__init__(
            self.over(url, Manners(credential, organization, patience), agent=agent, sleep=sleep)
        )

    @classmethod
    def from_environment(cls, *, agent: str = AGENT, patience: Patience = USUAL) -> Self:
        """Return a client for the server and by the credential that the environment names.

        Raises:
            CredentialUnusable: as `surroundings` says.
        """
        found = surroundings()
        return cls(
            found.url,
            found.credential,
            organization=found.organization,
            agent=agent,
            patience=patience,
        )

    def close(self) -> None:
        """Hang up."""
        self.wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
