"""Signing in by a browser anywhere: a code is shown here and typed there (RFC 8628)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import note, printable
from counterfoil.client import Client, SessionTokens
from counterfoil.client.answer import ENDLESS_S
from counterfoil.client.credential import CLI_CLIENT
from counterfoil.client.errors import ApiError, Unexpected
from counterfoil.kernel.clock import system_clock

_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S: Final = 5.0
_INTERVAL_S: Final = 5.0
_ENDS: Final = {
    "access_denied": "Signing in was refused",
    "expired_token": "Nobody typed the code in time",
}


def sign_in_elsewhere(
    client: Client, *, sleep: Callable[[float], None] = time.sleep
) -> SessionTokens:
    """Return the session of whoever types our code at the client's server.

    Raises:
        Stop: exit 4 if they say no, or nothing.
    """
    begun = client.wire.form({"client_id": CLI_CLIENT}, "/oauth/device_authorization")
    match begun:
        case {"device_code": str(code), "user_code": str(letters), "verification_uri": str(page)}:
            note(f"Open {printable(page)} in any browser, and type this code there:")
            note(f"  {printable(letters)}")
            note("Only go on there if it shows that you started this.")
        case _:
            raise Unexpected("the server begins no sign-in by code: is this a Counterfoil server?")
    pause = _number(begun.get("interval"), _INTERVAL_S)
    while True:
        sleep(pause)
        try:
            answer = client.wire.form(
                {"grant_type": _GRANT, "client_id": CLI_CLIENT, "device_code": code}
            )
        except ApiError as error:
            if error.code in _ENDS:
                raise Stop(Exit.UNAUTHENTICATED, _ENDS[error.code]) from None
            if error.code not in {"authorization_pending", "slow_down"}:
                raise
            pause += _SLOWER_S if error.code == "slow_down" else 0.0
        else:
            return SessionTokens.of(answer, system_clock.seconds())


def _number(value: object, otherwise: float) -> float:
    if isinstance(value, int | float) and value > 0:
        return float(min(value, ENDLESS_S))
    return otherwise
