"""Requests, as the reference shows them; the tests send each of them to a server.

The id in them is nobody's: it stands for one of the type beside it.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import SAMPLE

NEW_PERSONAL: Final = {
    "data": {
        "type": "personal_access_token",
        "attributes": {
            "name": "ci-schema-export",
            "scopes": ["content:read", "content-types:read"],
            "surfaces": ["delivery", "management"],
        },
    }
}

PERSONAL: Final = {
    "data": {
        "type": "personal_access_token",
        "id": SAMPLE,
        "attributes": {"name": "laptop", "scopes": ["content:read"]},
    }
}

APPROVAL: Final = {
    "data": {
        "type": "token_request",
        "id": SAMPLE,
        "attributes": {"scopes": ["content:read"], "reason": "The export reads only."},
    },
}

DENIAL: Final = {
    "data": {
        "type": "token_request",
        "id": SAMPLE,
        "attributes": {"reason": "Ask for less: the export reads only."},
    }
}

REVOCATION: Final = {
    "data": {
        "type": "token_revocation",
        "attributes": {"reason": "The provider of our builds was broken into."},
    }
}

NEW_API_TOKEN: Final = {
    "data": {
        "type": "api_token",
        "attributes": {"name": "web-shop", "surfaces": ["delivery"]},
        "relationships": {"role": {"data": {"type": "role", "id": SAMPLE}}},
    }
}

API_TOKEN: Final = {
    "data": {"type": "api_token", "id": SAMPLE, "attributes": {"enabled": False}},
}

NEW_PAIR: Final = {
    "data": {
        "type": "key_pair",
        "attributes": {"name": "nightly-export", "surfaces": ["delivery"]},
        "relationships": {"role": {"data": {"type": "role", "id": SAMPLE}}},
    }
}

PAIR: Final = {"data": {"type": "key_pair", "id": SAMPLE, "attributes": {"name": "export"}}}

NEW_ACCESS_TOKEN: Final = {
    "data": {
        "type": "access_token",
        "attributes": {
            "name": "Read-only API token",
            "can_access_cda": True,
            "can_access_cda_preview": False,
            "can_access_cma": False,
        },
        "relationships": {"role": {"data": {"type": "role", "id": SAMPLE}}},
    }
}

ACCESS_TOKEN: Final = {
    "data": {
        "type": "access_token",
        "id": SAMPLE,
        "attributes": {
            "name": "Read-only API token",
            "can_access_cda": True,
            "can_access_cda_preview": True,
            "can_access_cma": False,
        },
    }
}
