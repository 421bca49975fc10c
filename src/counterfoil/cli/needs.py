"""What each command asks the server for: the calls that it stands for, first the one that matters.

What such a call needs is not said here: the table of routes and the operations know it
(`needs_of`). A command that asks nothing of a server, or what anybody may ask, has no line. What
looks up a name, or a path, stands last: who names it by its id needs no leave to list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_TOKENS: Final = "/cma/personal_access_tokens"
_MACHINES: Final = "/cma/api_tokens"
_PAIRS: Final = "/cma/key_pairs"
_HOOKS: Final = "/cma/webhooks"
_REQUESTS: Final = "/cma/token_requests/{id}"
_SCHEMAS: Final = "GET /cma/content_type_schemas"
_ROLES: Final = "GET /cma/roles"
_USERS: Final = "GET /cma/users"
_NODES: Final = "GET /cma/nodes"
_TYPES: Final = "GET /cma/item-types"
_POLICY: Final = "/cma/organizations/{id}/token_policy"
_REVOCATION: Final = "/cma/organizations/{id}/token_revocation"
_APIS: Final = "GET /cma/apis"
_ROUTES: Final = "/cma/apis/{id}/routes"

ASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "auth status": ("GET /cma/token",),
    "pat list": (f"GET {_TOKENS}",),
    "pat create": (f"POST {_TOKENS}",),
    "pat show": (f"GET {_TOKENS}/{{id}}",),
    "pat edit": (f"PATCH {_TOKENS}/{{id}}",),
    "pat rotate": (f"POST {_TOKENS}/{{id}}/successor",),
    "pat enable": (f"PATCH {_TOKENS}/{{id}}",),
    "pat disable": (f"PATCH {_TOKENS}/{{id}}",),
    "pat delete": (f"DELETE {_TOKENS}/{{id}}",),
    "pat wait": (f"GET {_REQUESTS}",),
    "pat usage": (f"GET {_TOKENS}/{{id}}/usage",),
    "request list": ("GET /cma/token_requests",),
    "request approve": (f"POST {_REQUESTS}/approve",),
    "request deny": (f"POST {_REQUESTS}/deny",),
    "token list": (f"GET {_MACHINES}",),
    "token create": (f"POST {_MACHINES}", _ROLES),
    "token show": (f"GET {_MACHINES}/{{id}}",),
    "token edit": (f"PATCH {_MACHINES}/{{id}}", _ROLES),
    "token enable": (f"PATCH {_MACHINES}/{{id}}",),
    "token disable": (f"PATCH {_MACHINES}/{{id}}",),
    "token regenerate": (f"POST {_MACHINES}/{{id}}/regenerate",),
    "token delete": (f"DELETE {_MACHINES}/{{id}}",),
    "token verify": ("GET /cma/token",),
    "token attenuate": ("GET /cma/token", _NODES),
    "token can": (
        "GET /cma/token/can", f"GET {_MACHINES}/{{id}}/can", f"GET {_TOKENS}/{{id}}/can",
    ),
    "key-pair list": (f"GET {_PAIRS}",),
    "key-pair create": (f"POST {_PAIRS}", _ROLES),
    "key-pair show": (f"GET {_PAIRS}/{{id}}",),
    "key-pair edit": (f"PATCH {_PAIRS}/{{id}}",),
    "key-pair enable": (f"PATCH {_PAIRS}/{{id}}",),
    "key-pair disable": (f"PATCH {_PAIRS}/{{id}}",),
    "key-pair delete": (f"DELETE {_PAIRS}/{{id}}",),
    "webhook list": (f"GET {_HOOKS}",),
    "webhook create": (f"POST {_HOOKS}",),
    "webhook show": (f"GET {_HOOKS}/{{id}}",),
    "webhook edit": (f"PATCH {_HOOKS}/{{id}}",),
    "webhook enable": (f"PATCH {_HOOKS}/{{id}}",),
    "webhook disable": (f"PATCH {_HOOKS}/{{id}}",),
    "webhook rotate": (f"POST {_HOOKS}/{{id}}/rotate",),
    "webhook messages": (f"GET {_HOOKS}/{{id}}/messages",),
    "webhook resend": (f"POST {_HOOKS}/{{id}}/messages/{{message}}/resend",),
    "webhook delete": (f"DELETE {_HOOKS}/{{id}}",),
    "usage": tuple(f"GET {path}/{{id}}/usage" for path in (_MACHINES, _TOKENS, _PAIRS)),
    "policy show": (f"GET {_POLICY}",),
    "policy set": (f"PATCH {_POLICY}",),
    "policy preview": (f"POST {_POLICY}/preview",),
    "policy test": (f"POST {_TOKENS}/preview",),
    "policy export": (f"GET {_POLICY}",),
    "role list": (_ROLES,),
    "role show": ("GET /cma/roles/{id}", _ROLES),
    "role create": ("POST /cma/roles",),
    "role edit": ("PATCH /cma/roles/{id}", _ROLES),
    "role delete": ("DELETE /cma/roles/{id}", _ROLES),
    "user list": (_USERS,),
    "user show": ("GET /cma/users/{id}", _USERS),
    "user add": ("POST /cma/users", _ROLES),
    "user roles": ("PATCH /cma/users/{id}", _ROLES, _USERS),
    "user invite": ("POST /cma/users/{id}/invitation", _USERS),
    "user deactivate": ("POST /cma/users/{id}/deactivate", _USERS),
    "user reactivate": ("POST /cma/users/{id}/reactivate", _USERS),
    "organization list": ("GET /cma/organizations",),
    "organization revoke-tokens": (f"POST {_REVOCATION}", f"GET {_REVOCATION}"),
    "content-type-schema export": (_SCHEMAS,),
    "content-type-schema list": (_SCHEMAS,),
    "content-type-schema get": (_SCHEMAS,),
    "content-type-schema import": ("POST /cma/item-types", "PATCH /cma/item-types/{id}", _SCHEMAS),
    "content-item list": ("GET /cma/items",),
    "content-item get": ("GET /cma/items/{id}", _NODES),
    "content-item create": ("POST /cma/items", _TYPES, _NODES),
    "content-item edit": ("PATCH /cma/items/{id}", _NODES),
    "content-item publish": ("PUT /cma/items/{id}/publish", _NODES),
    "content-item unpublish": ("PUT /cma/items/{id}/unpublish", _NODES),
    "content-item delete": ("DELETE /cma/items/{id}", _NODES),
    "tree ls": (_NODES,),
    "tree cat": ("GET /cma/items/{id}", "GET /cma/assets/{id}/file"),
    "tree mv": ("PATCH /cma/nodes/{id}", _NODES),
    "graphql": ("POST /graphql", "POST /graphql/assets"),
    "audit tail": ("GET /cma/audit_events",),
    "audit search": ("GET /cma/audit_events", _APIS),
    "audit export": ("GET /cma/audit_events", _APIS),
    "audit refusals": ("GET /cma/audit_refusals",),
    "audit checkpoint": ("GET /cma/audit_checkpoint",),
    "audit receipt": ("GET /cma/audit_events/{position}/receipt",),
    "mcp": ("GET /cma/token",),
    "doctor": ("GET /cma/token",),
    "gates propose": (_APIS,),
    "api snippet": ("GET /cma/apis/{id}", _APIS),
    "api sync": (f"PUT {_ROUTES}", "PUT /cma/apis/{id}/tree", f"GET {_ROUTES}",
                 "GET /cma/apis/{id}/resources", _APIS),
    "plan": (f"GET {_POLICY}", _ROLES, _APIS, f"GET {_ROUTES}", f"GET {_MACHINES}"),
    "apply": (
        f"PATCH {_POLICY}", "POST /cma/roles", "PATCH /cma/roles/{id}", "DELETE /cma/roles/{id}",
        "POST /cma/apis", "PATCH /cma/apis/{id}", "DELETE /cma/apis/{id}",
        f"PUT {_ROUTES}", f"GET {_ROUTES}",
        f"POST {_MACHINES}", f"PATCH {_MACHINES}/{{id}}", f"DELETE {_MACHINES}/{{id}}",
        _ROLES,
    ),
}  # fmt: skip

UNSAID: Final = frozenset({"api call", "auth token", "auth header", "configure"})
"""Commands that ask whatever they are told to, or nothing but for a credential."""


def needs_of(command: str) -> list[dict[str, Any]]:
    """Return the calls of a command, each with the scope, surface and credentials that it needs.

    Of one's own it needs no scope where `scope_for_others` names one.
    """
    return list(_needs(ASKS.get(command, ())))


def _needs(calls: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    from counterfoil.app.routes import ROUTES
    from counterfoil.operation import OPERATIONS

    known = {f"{route.method} {route.path}": route for route in ROUTES}
    for call in calls:
        operation = OPERATIONS[known[call].operation]
        scope = str(operation.requires) if operation.requires else None
        yield {
            "call": call,
            "operation": operation.name,
            "scope": None if operation.owner else scope,
            "scope_for_others": scope if operation.owner else None,
            "surface": str(operation.surface) if operation.surface else None,
            "credentials": sorted(map(str, operation.methods)),
        }
