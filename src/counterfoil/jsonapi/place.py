"""An address that names an organization says what the header says elsewhere (K13).

Agility's instances and Amplience's hubs are organizations: whoever asks for something in one of
them acts there, if their credential speaks there. It stands in front of the gate, which reads the
header alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from counterfoil.gate.middleware_wsgi import (
    ORGANIZATION,
    Application,
    Environ,
    StartResponse,
)
from counterfoil.jsonapi.route import Route


class Placed:
    """Puts what an address names where the gate reads it; it goes before what the client said."""

    def __init__(self, inner: Application, routes: Iterable[Route]) -> None:
        self._inner = inner
        before = {one.path.partition(f"{{{one.place}}}")[0] for one in routes if one.place}
        self._named = re.compile(f"(?:{'|'.join(map(re.escape, sorted(before)))})([^/]+)")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        named = self._named.match(environ.get("PATH_INFO", ""))
        if named:
            environ[ORGANIZATION] = named[1]
        return self._inner(environ, start_response)
