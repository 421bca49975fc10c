"""The API client, for the command line and for other people's programs.

    with Client("https://cms.example.com", Bearer("cfp_…")) as client:
        print(client.whoami().scopes)

It imports nothing of the office: what it knows is the HTTP contract.
"""

from counterfoil.client.api import Client
from counterfoil.client.credential import Bearer, Credential, Pair, Session, SessionTokens
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

__all__ = [
    "ApiError",
    "Bearer",
    "Broken",
    "Client",
    "ClientError",
    "Conflict",
    "Credential",
    "CredentialUnusable",
    "Denied",
    "Invalid",
    "Limited",
    "NotFound",
    "Pair",
    "Refused",
    "SecretLost",
    "Session",
    "SessionTokens",
    "Unexpected",
    "Unreachable",
]
