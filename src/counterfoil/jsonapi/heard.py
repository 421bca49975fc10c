"""What a request says besides its address and its body: headers and cookies, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

_NAMES: Final = 1_024
"""So many headers are known by name, at most: clients send few."""


def headers_of(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request by lower-case name."""
    headers = {_named(key): value for key, value in environ.items() if key.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


@lru_cache(maxsize=_NAMES)
def _named(key: str) -> str:
    return key[5:].replace("_", "-").lower()


def cookies_in(header: str) -> dict[str, str]:
    """Read cookies; of two with one name, the first counts, which the longer path sent."""
    cookies: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            cookies.setdefault(name, value.strip('"'))
    return cookies
