"""The client that is awaited."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from counterfoil.client.calls import Calls
from counterfoil.client.credential import Credential
from counterfoil.client.manners import Manners
from counterfoil.client.patience import USUAL, Patience
from counterfoil.client.surroundings import surroundings
from counterfoil.client.wire import AGENT
from counterfoil.client.wire_async import AsyncWire


class AsyncClient(Calls[AsyncWire]):
    """The typed client for asyncio and trio; tasks of one loop may share it.

    Args: as `Client` says.
    """

    def __init__(
        self,
        url: str,
        credential: Credential | None = None,
        *,
        organization: str | None = None,
        agent: str = AGENT,
        patience: Patience = USUAL,
    ) -> None:
        super().__init__(AsyncWire(url, Manners(credential, organization, patience), agent=agent))

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

    async def close(self) -> None:
        """Hang up."""
        await self.wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
