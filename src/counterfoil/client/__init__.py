"""The API client, for the command line and for other people's programs.

    with Client("https://cms.example.com", Bearer("cfp_…")) as client:
        print(client.whoami().scopes)

    async with AsyncClient("https://cms.example.com", Bearer("cfp_…")) as client:
        print((await client.whoami()).scopes)

It imports nothing of the office: what it knows is the HTTP contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterfoil.client.credential import Bearer, Credential, Kept, Pair, Session, SessionTokens
from counterfoil.client.effect import Effect
from counterfoil.client.errors import (
    ApiError,
    Broken,
    ClientError,
    Conflict,
    CredentialUnusable,
    Denied,
    Invalid,
    Limited,
    NotFound,
    Refused,
    SecretLost,
    Unexpected,
    Unreachable,
)
from counterfoil.client.patience import Patience

if TYPE_CHECKING:
    from counterfoil.client.api import Client
    from counterfoil.client.api_async import AsyncClient

__all__ = [
    "ApiError",
    "AsyncClient",
    "Bearer",
    "Broken",
    "Client",
    "ClientError",
    "Conflict",
    "Credential",
    "CredentialUnusable",
    "Denied",
    "Effect",
    "Invalid",
    "Kept",
    "Limited",
    "NotFound",
    "Pair",
    "Patience",
    "Refused",
    "SecretLost",
    "Session",
    "SessionTokens",
    "Unexpected",
    "Unreachable",
]


def __getattr__(name: str) -> object:
    """Import a client when it is asked for: what only speaks of one waits for no HTTP library."""
    if name == "Client":
        from counterfoil.client.api import Client  # noqa: PLC0415 - loads httpx2, for which a mistyped command should not wait

        return Client
    if name == "AsyncClient":
        from counterfoil.client.api_async import AsyncClient  # noqa: PLC0415 - loads anyio too, which only a program that awaits needs

        return AsyncClient
    raise AttributeError(name)
