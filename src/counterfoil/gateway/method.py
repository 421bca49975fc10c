"""Which method a door knows that is asked for itself (RFC 9110 §15.5.6).

A proxy's door knows all of them: there the method is the original request's, or the proxy's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from counterfoil.kernel.errors import Code, Malformed

ALLOW: Final = "Allow"
ASKED: Final = ("POST",)
LOOKED_AT: Final = ("GET", "HEAD")


def require(environ: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Return if a door knows the method of a request.

    Raises:
        Malformed: METHOD_NOT_ALLOWED, with those that it knows in `meta`.
    """
    if environ["REQUEST_METHOD"] not in known:
        raise Malformed(
            Code.METHOD_NOT_ALLOWED,
            "This address does not know this method.",
            meta={ALLOW: ", ".join(known)},
        )
