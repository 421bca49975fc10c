"""What the sign-in doors take as forms, and what they give."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given


class TokenForm(Body, frozen=True):
    """What a client shows for tokens; members that it does not know are passed over (RFC 6749)."""

    grant_type: Literal[
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ]
    actor_token: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    client_secret: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    code_verifier: str | UnsetType = UNSET
    device_code: str | UnsetType = UNSET
    expires_in: str | UnsetType = UNSET
    redirect_uri: str | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET
    requested_token_type: str | UnsetType = UNSET
    resource: str | UnsetType = UNSET
    roots: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    subject_token: str | UnsetType = UNSET
    subject_token_type: str | UnsetType = UNSET


class DeviceForm(Body, frozen=True):
    """Which client asks to be let in from a device without a browser (RFC 8628)."""

    client_id: str
    scope: str | UnsetType = UNSET


class DeviceAsked(Given, frozen=True):
    """What a device shows to a person, where they go with it, and what it asks with meanwhile."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


class RevocationForm(Body, frozen=True):
    """The token that is given up (RFC 7009)."""

    token: str
    token_type_hint: str | UnsetType = UNSET


class Granted(Given, frozen=True):
    """A token that opens something, for so many seconds (RFC 6749 §5.1, RFC 8693 §2.2.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    issued_token_type: str | UnsetType = UNSET


class ServerMetadata(Given, frozen=True):
    """Where our endpoints are and what they can do (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool


class ResourceMetadata(Given, frozen=True):
    """What is protected, and who gives tokens for it (RFC 9728)."""

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
