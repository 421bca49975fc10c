"""What the token doors share: ids from addresses, and the shape of answers."""

from __future__ import annotations

from typing import Any, Final

from counterfoil.jsonapi.document import document, etag
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, TokenId

PAGE: Final = ("page[size]", "page[after]", "page[limit]", "page[offset]")


def token_id(asked: Asked) -> TokenId:
    """Return the token that the address names."""
    return TokenId(ids.read(Prefix.TOKEN, asked.params["id"]))


def shown(data: dict[str, Any], version: int) -> Answer:
    """Answer with one resource."""
    return Answer(200, document(data), etag(version))


def taken(data: dict[str, Any], version: int, position: int | None) -> Answer:
    """Answer a write that may take power away: it holds on this host from here on."""
    meta = {"effective": "host", "position": position}
    return Answer(200, document(data, meta), etag(version), position=position)
