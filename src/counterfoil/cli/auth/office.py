"""Whether one signs in at a server at all: asked before a browser opens, which would not say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import printable

if TYPE_CHECKING:
    from counterfoil.client import Client

_METADATA: Final = "/.well-known/oauth-authorization-server"
_FIX: Final = "Is --url right? It looks like https://cms.example.com."


def require_office(client: Client, *, by_browser: bool) -> None:
    """Return if a server lets people sign in, and is called as we call it (RFC 8414).

    Raises:
        Stop: exit 3 if it is another server; a browser would bring its answer back to us.
        ClientError: if nobody answers.
    """
    from counterfoil.client import NotFound

    try:
        issuer = client.wire.ask("GET", _METADATA).document.get("issuer")
    except NotFound:
        issuer = None
    if not isinstance(issuer, str):
        raise Stop(Exit.CONFIG, f"Nobody signs in at {client.url}", _FIX)
    if by_browser and issuer != client.url:
        raise Stop(
            Exit.CONFIG,
            f"The server at {client.url} calls itself {printable(issuer)}",
            f"If that is right: `counterfoil auth login --url {printable(issuer)}`.",
        )
