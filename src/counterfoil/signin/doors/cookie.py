"""The cookie of a browser session (S44).

Under https it is `__Host-counterfoil`: Secure, for this host alone, and for no parent of it. Plain
http is loopback, where programs with a cookie jar of their own would not send a Secure cookie back:
there it goes by another name and without that flag, so that neither can stand in for the other.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Asked
from counterfoil.signin.doors.address import is_secure
from counterfoil.signin.policy import FLOW_LIFE

SECURE_NAME: Final = "__Host-counterfoil"
LOOPBACK_NAME: Final = "counterfoil"
_FLOW: Final = "-flow"
"""What the name of the cookie ends in that binds a browser to its way to a provider."""

_BROWSER: Final = "-passkey"
"""What the name of the cookie ends in that binds a browser to what it is asked to sign."""


def name(asked: Asked) -> str:
    """Return what the cookie is called under the address that the request came to."""
    return SECURE_NAME if is_secure(asked) else LOOPBACK_NAME


def presented(asked: Asked) -> str:
    """Return the ticket in the cookie; empty if there is none."""
    return asked.cookies.get(name(asked), "")


def given(asked: Asked, ticket: str) -> dict[str, str]:
    """Return the header that gives the cookie; it lasts as long as the browser's own session."""
    return {"Set-Cookie": f"{name(asked)}={ticket}; {_flags(asked)}"}


def taken(asked: Asked) -> dict[str, str]:
    """Return the header that takes the cookie away."""
    return {"Set-Cookie": f"{name(asked)}=; Max-Age=0; {_flags(asked)}"}


def flow_given(asked: Asked, ticket: str) -> dict[str, str]:
    """Return the header that gives the cookie of a way to a provider, for as long as that holds."""
    age = int(FLOW_LIFE.total_seconds())
    return {"Set-Cookie": f"{name(asked)}{_FLOW}={ticket}; Max-Age={age}; {_flags(asked)}"}


def flow_presented(asked: Asked) -> str:
    """Return the ticket in that cookie; empty if there is none."""
    return asked.cookies.get(f"{name(asked)}{_FLOW}", "")


def browser_given(asked: Asked, ticket: str) -> dict[str, str]:
    """Return the header that gives the cookie of a browser that is asked for a passkey."""
    age = int(FLOW_LIFE.total_seconds())
    return {"Set-Cookie": f"{name(asked)}{_BROWSER}={ticket}; Max-Age={age}; {_flags(asked)}"}


def browser_presented(asked: Asked) -> str:
    """Return the ticket in that cookie; empty if there is none."""
    return asked.cookies.get(f"{name(asked)}{_BROWSER}", "")


def _flags(asked: Asked) -> str:
    secure = "; Secure" if is_secure(asked) else ""
    return f"Path=/; HttpOnly; SameSite=Lax{secure}"
