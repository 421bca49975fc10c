"""From the server to the gateway and back, with no WSGI between them: see `runtime/direct.py`."""

from __future__ import annotations

from counterfoil.gateway.doors import Gateway
from counterfoil.runtime.direct import Ask, Environ, Line


def asking(gateway: Gateway, *_options: object) -> Ask:
    """Return what a server calls for each request."""
    answer = gateway.answer

    def ask(line: Line, environ: Environ) -> int:
        status, headers, body = answer(environ)
        code = int(status[:3])
        line.response_bytes(code, headers, body)
        return code

    return ask
