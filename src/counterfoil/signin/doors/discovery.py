"""Where our OAuth endpoints are (RFC 8414), and what is protected by whom (RFC 9728).

Protected are our own API, and those that stand behind a gate.

A gate that refuses a request names the address at which this is told, so that a client that knows
nothing but the API finds the way to a token. Whoever asks needs none.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.gate.challenge import METADATA
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import ApiId, Prefix, read
from counterfoil.signin.doors.address import base
from counterfoil.signin.doors.oauth import DEVICE_GRANT
from counterfoil.signin.doors.token_exchange import EXCHANGE_GRANT
from counterfoil.signin.doors.wire import ResourceMetadata, ServerMetadata

_SCOPES: Final = sorted(str(scope) for scope in Scope)
_LOOPBACK: Final = re.compile(r"localhost|127\.0\.0\.1|::1")


def metadata(asked: Asked) -> Answer:
    """Say where our endpoints are and what they can do."""
    issuer = base(asked)
    body = ServerMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth/authorize",
        token_endpoint=f"{issuer}/oauth/token",
        device_authorization_endpoint=f"{issuer}/oauth/device_authorization",
        revocation_endpoint=f"{issuer}/oauth/revoke",
        introspection_endpoint=f"{issuer}/oauth/introspect",
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=[
            "authorization_code",
            "refresh_token",
            "client_credentials",
            DEVICE_GRANT,
            EXCHANGE_GRANT,
        ],
        token_endpoint_auth_methods_supported=["none", "client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported=["none"],
        introspection_endpoint_auth_methods_supported=["client_secret_basic", "Bearer"],
        scopes_supported=_SCOPES,
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
    )
    return Answer(200, body)


def ours(asked: Asked) -> Answer:
    """Tell of our own API."""
    here = base(asked)
    return Answer(200, _metadata(here, here, _SCOPES))


def registered(asked: Asked) -> Answer:
    """Tell of a registered API, if it has routes, and an address for its audience."""
    id_ = ApiId(read(Prefix.API, asked.params["api"]))
    with asked.office.database.reading() as tx:
        api = directory.api_behind_a_gate(tx, id_)
    if not _is_address(api.audience):
        raise NotFound
    return Answer(200, _metadata(api.audience, base(asked), [one.name for one in api.scopes]))


def _metadata(resource: str, issuer: str, scopes: list[str]) -> ResourceMetadata:
    return ResourceMetadata(
        resource=resource,
        authorization_servers=[issuer],
        scopes_supported=sorted(scopes),
        bearer_methods_supported=["header"],
    )


def _is_address(audience: str) -> bool:
    """Say whether an audience is what RFC 9728 §1.2 calls a resource: https, and no fragment."""
    try:
        parts = urlsplit(audience)
        host = parts.hostname or ""
    except ValueError:
        return False
    secured = parts.scheme == "https" or _LOOPBACK.fullmatch(host) is not None
    return bool(host) and secured and parts.scheme in {"http", "https"} and "#" not in audience


_route = partial(
    Route,
    method="GET",
    dialect=OAUTH,
    open=True,
    section="OAuth",
    operation="",
)

ROUTES: Final = (
    _route(
        path="/.well-known/oauth-authorization-server",
        handle=metadata,
        summary="Where the OAuth endpoints are and what they can do.",
        gives={200: ServerMetadata},
    ),
    _route(
        path=METADATA,
        handle=ours,
        summary="What this server protects, and where its tokens come from.",
        gives={200: ResourceMetadata},
    ),
    _route(
        path=f"{METADATA}/{{api}}",
        handle=registered,
        summary="The same of a registered API that stands behind a gate.",
        gives={200: ResourceMetadata},
        parts=(id_in("api", "The API.", Prefix.API),),
    ),
)
