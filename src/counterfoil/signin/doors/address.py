"""Under which address a request reached us, and whether a page of ours made a browser send it.

The address is the configured one, which is https. Without any, or with one of loopback, the server
is for its own machine alone, and the Host header may say by which name; every other name is
refused, so nobody can choose our issuer or rebind a name of theirs to us.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, Denied, Malformed
from counterfoil.signin.ceremony import Site

_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[1-9][0-9]{0,4})?")
_ADDRESS: Final = re.compile(r"[0-9.]+|.*:.*")
_OURS: Final = frozenset({"same-origin", "none"})


def base(asked: Asked) -> str:
    """Return our base URL, without a slash at its end: also the issuer of RFC 8414.

    Raises:
        Malformed: if that is neither https nor loopback: nobody signs in over a wire in plain text.
    """
    configured = asked.office.address
    if configured.startswith("https://"):
        return configured
    host = asked.headers.get("host", "").lower()
    local = configured.removeprefix("http://").lower() or host
    if _LOOPBACK.fullmatch(host) is None or _LOOPBACK.fullmatch(local) is None:
        raise Malformed(
            Code.INVALID_REQUEST,
            "Sign in under the https address of this server, or on its own machine.",
        )
    return f"http://{host}"


def is_secure(asked: Asked) -> bool:
    """Say whether browsers reach us over TLS."""
    return base(asked).startswith("https://")


def site(asked: Asked) -> Site | None:
    """Return where passkeys count, the host of our address; None where that is no name."""
    here = base(asked)
    host = urlsplit(here).hostname or ""
    return None if _ADDRESS.fullmatch(host) else Site(host, here)


def silent(asked: Asked) -> bool:
    """Say whether nobody else's page led the browser here."""
    return asked.headers.get("sec-fetch-site", "none") in _OURS


def from_ourselves(asked: Asked) -> None:
    """Return unless a browser says that another site made it send this (S45).

    Browsers say so in Sec-Fetch-Site, older ones in Origin; a program says neither.

    Raises:
        Denied: CROSS_SITE_REQUEST.
    """
    site, origin = asked.headers.get("sec-fetch-site"), asked.headers.get("origin")
    if site is not None:
        ours = site in _OURS
    else:
        parts = urlsplit(base(asked))
        ours = origin is None or origin == f"{parts.scheme}://{parts.netloc}"
    if not ours:
        raise Denied(Code.CROSS_SITE_REQUEST, "This request came from another site.")
