"""What we protect, and who gives tokens for it (RFC 9728): our own API, and those behind a gate.

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
from counterfoil.signin.doors.wire import ResourceMetadata

_LOOPBACK: Final = re.compile(r"localhost|127\.0\.0\.1|::1")


def ours(asked: Asked) -> Answer:
    """Tell of our own API."""
    here = base(asked)
    return Answer(200, _metadata(here, here, sorted(str(scope) for scope in Scope)))


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
    gives={200: ResourceMetadata},
)

ROUTES: Final = (
    _route(
        path=METADATA,
        handle=ours,
        summary="What this server protects, and where its tokens come from.",
    ),
    _route(
        path=f"{METADATA}/{{api}}",
        handle=registered,
        summary="The same of a registered API that stands behind a gate.",
        parts=(id_in("api", "The API.", Prefix.API),),
    ),
)
