"""What opens a route: the security schemes of the OpenAPI document, and which of them apply."""

from __future__ import annotations

from typing import Any, Final

from counterfoil.access.caller import Method
from counterfoil.jsonapi.route import Route
from counterfoil.operation import Operation

TOKEN: Final = "token"  # noqa: S105 - the name of a scheme
SESSION: Final = "session"
PAIR: Final = "pair"
CLIENT: Final = "client"
BROWSER: Final = "browser"

_TOKEN_URL: Final = "/oauth/token"  # noqa: S105 - an address
SCHEMES: Final[dict[str, Any]] = {
    TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal or service token, in the Authorization header and nowhere else.",
    },
    SESSION: {
        "type": "oauth2",
        "description": "A person who signed in: what makes personal tokens takes nothing else.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": _TOKEN_URL,
                "refreshUrl": _TOKEN_URL,
                "scopes": {},
            },
        },
    },
    PAIR: {
        "type": "oauth2",
        "description": "A short-lived token, obtained with a key and secret.",
        "flows": {"clientCredentials": {"tokenUrl": _TOKEN_URL, "scopes": {}}},
    },
    CLIENT: {
        "type": "http",
        "scheme": "basic",
        "description": "A key and its secret, at the token and the introspection endpoint alone.",
    },
    BROWSER: {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-counterfoil",
        "description": "The session of a browser. Only the doors for browsers look at it; on plain "
        "http, which is loopback, it is called `counterfoil`.",
    },
}


def security(route: Route, described: Operation | None) -> list[dict[str, list[str]]]:
    """Return the alternatives that open a route; an empty one among them means nobody has to ask.

    A bearer scheme names the scope that the operation needs, which OpenAPI 3.1 allows.
    """
    if route.open:
        heeded: list[dict[str, list[str]]] = [{name: []} for name in route.heeds]
        return [*heeded, {}] if heeded else []
    if described is None:
        return [{TOKEN: []}]
    needed = [str(described.requires)] if described.requires else []
    ways: list[dict[str, list[str]]] = []
    if Method.SESSION in described.methods:
        ways.append({SESSION: []})
    if described.methods & {Method.PERSONAL, Method.SERVICE}:
        ways.append({TOKEN: needed})
    if Method.EXCHANGED in described.methods:
        ways.append({PAIR: []})
    if route.pairs:
        ways.append({CLIENT: []})
    return ways
