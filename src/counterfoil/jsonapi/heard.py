"""What a request says besides its address and its body: headers and cookies, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def headers_of(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request by lower-case name."""
    headers = {
        key[5:].replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


def cookies_in(header: str) -> dict[str, str]:
    """Read cookies; of two with one name, the first counts, which the longer path sent."""
    cookies: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            cookies.setdefault(name, value.strip('"'))
    return cookies
