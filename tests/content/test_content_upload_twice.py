"""Asking where to send a file, twice."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from support.content import Garden


def test_an_address_that_is_asked_for_twice_is_one(garden: Garden) -> None:
    """Under one Idempotency-Key there is one address, told again; another size is refused (R9)."""
    knock, key = garden.knock(), {"idempotency-key": "one-upload-of-mine"}
    body: dict[str, Any] = {"data": {"type": "upload_request", "attributes": {"size": 3}}}
    first, again = (knock("POST", "/cma/upload_requests", body, key) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert "no-store" in again.headers["cache-control"]
    body["data"]["attributes"]["size"] = 4
    other = knock("POST", "/cma/upload_requests", body, key)
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    url = again.json["data"]["attributes"]["url"]
    path, png = urlsplit(url).path, {"content-type": "image/png"}
    sent = [garden.stranger()("PUT", path, b"abc", png).status for _ in range(2)]
    assert sent == [204, 409]
