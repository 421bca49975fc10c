"""Requests, as the reference shows them; the tests send each of them to a server.

The id in them is nobody's: it stands for one of the type beside it.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import SAMPLE

NEW_USER: Final = {
    "data": {
        "type": "user",
        "attributes": {"name": "Ben", "email": "ben@example.com"},
        "relationships": {"roles": {"data": [{"type": "role", "id": SAMPLE}]}},
    }
}

USER: Final = {
    "data": {
        "type": "user",
        "id": SAMPLE,
        "relationships": {"roles": {"data": [{"type": "role", "id": SAMPLE}]}},
    }
}

ROLE: Final = {
    "data": {
        "type": "role",
        "attributes": {"name": "Blog editors", "scopes": ["content:read", "content:write"]},
    }
}

POLICY: Final = {
    "data": {"type": "token_policy", "attributes": {"quota": 7, "lifetime_max": "P1Y"}},
}

NEW_API: Final = {
    "data": {
        "type": "api",
        "attributes": {
            "name": "Orders",
            "audience": "https://orders.example.com",
            "scopes": [{"name": "orders:read", "description": "See what was ordered."}],
        },
    }
}

API: Final = {"data": {"type": "api", "id": SAMPLE, "attributes": {"name": "Order service"}}}

API_ROUTES: Final = {
    "data": {
        "type": "api_routes",
        "attributes": {
            "routes": [
                {
                    "methods": ["GET"],
                    "path": "/orders/{order}",
                    "scope": "orders:read",
                    "node": "{order}",
                },
                {"methods": ["GET"], "path": "/health", "scope": ""},
            ]
        },
    }
}

API_TREE: Final = {
    "data": {
        "type": "api_tree",
        "attributes": {"nodes": [["europe", None, "Europe"], ["4711", "europe", "Order 4711"]]},
    }
}

API_TREE_CHANGE: Final = {
    "data": {
        "type": "api_tree",
        "attributes": {"nodes": [["4712", None, "Order 4712"]], "gone": ["4711"]},
    }
}
