"""What the address of a request names, for the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, read, spell

_NAMED_BY: Final[Mapping[str, Prefix]] = {
    "access_tokens": Prefix.TOKEN,
    "api_tokens": Prefix.TOKEN,
    "apis": Prefix.API,
    "approvals": Prefix.REQUEST,
    "assets": Prefix.NODE,
    "content-api-manager": Prefix.TOKEN,
    "content-type-schemas": Prefix.CONTENT_TYPE,
    "content-types": Prefix.CONTENT_TYPE,
    "environments": Prefix.ORGANIZATION,
    "hubs": Prefix.ORGANIZATION,
    "invitations": Prefix.ORGANIZATION,
    "item": Prefix.NODE,
    "item-types": Prefix.CONTENT_TYPE,
    "items": Prefix.NODE,
    "key-pairs": Prefix.TOKEN,
    "key_pairs": Prefix.TOKEN,
    "member-roles": Prefix.ROLE,
    "nodes": Prefix.NODE,
    "notices": Prefix.NOTICE,
    "organizations": Prefix.ORGANIZATION,
    "people": Prefix.USER,
    "personal_access_tokens": Prefix.TOKEN,
    "roles": Prefix.ROLE,
    "sessions": Prefix.TOKEN,
    "token_requests": Prefix.REQUEST,
    "tokens": Prefix.TOKEN,
    "trash": Prefix.NODE,
    "uploads": Prefix.NODE,
    "users": Prefix.USER,
    "webhooks": Prefix.WEBHOOK,
}
"""What the word before an id in an address says that the id is of."""


def aim(path: str, params: Mapping[str, str]) -> str | None:
    """Return what the address of a request names, spelled for the trail (`nod_…`); None if nothing.

    Args:
        path: a route's, with its braces.
        params: what stands in them, by whoever asks: what is no id is nothing.
    """
    before, braces, _ = path.partition("/{id}")
    prefix = _NAMED_BY.get(before.rpartition("/")[2])
    if not braces or prefix is None:
        return None
    try:
        return spell(prefix, read(prefix, params["id"]))
    except NotFound:
        return None
