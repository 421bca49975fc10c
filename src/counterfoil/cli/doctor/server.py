"""The server as it is seen from here, and the credential that goes to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from counterfoil.cli.auth.ending import left_of
from counterfoil.cli.doctor.finding import Finding, bad, doubtful, good
from counterfoil.cli.exits import Stop
from counterfoil.cli.talking import Options, agent, server_of
from counterfoil.cli.talking.credential import is_given
from counterfoil.cli.talking.reaching import Server, credential_for
from counterfoil.kernel.clock import system_clock

if TYPE_CHECKING:
    from counterfoil.client import Client

_SKEW: Final = timedelta(seconds=30)
_SERVE: Final = "Start it: `counterfoil serve --data-dir …`; or say where it is: --url."


def look(options: Options) -> Iterator[Finding]:
    """Yield what is found: the file, the way, the server, the clock, the credential."""
    try:
        server = server_of(options, given=is_given(options, os.environ))
    except Stop as error:
        yield bad("configuration", str(error), error.fix)
        return
    yield good("configuration", f"{server.file.path}" if server.file.path.exists() else "no file")
    yield _way(server.url)
    from counterfoil.client import Client

    with Client(server.url, agent=agent()) as client:
        findings = list(_server(client))
    yield from findings
    if all(one.health != "✗" for one in findings):
        yield _credential(options, server)


def _way(url: str) -> Finding:
    from counterfoil.client.wire import is_loopback

    if url.startswith("https:") or is_loopback(url):
        return good("way", url)
    return bad(
        "way",
        f"{url} is not encrypted: whoever is between reads the token",
        "Use https: docs/how-to/behind-a-proxy.md.",
    )


def _server(client: Client) -> Iterator[Finding]:
    from counterfoil.client import ApiError, ClientError

    try:
        alive = client.wire.ask("GET", "/livez")
    except ClientError as error:
        yield bad("server", str(error), _SERVE)
        return
    if alive.document.get("status") != "alive":
        yield bad("server", "what answers is no Counterfoil server", "See --url.")
        return
    yield good("server", "it lives")
    yield _clock(alive.headers.get("date", ""))
    try:
        position = client.wire.ask("GET", "/readyz").document.get("position")
    except ApiError as error:
        yield bad("readiness", error.detail or error.code, "See its log; it may be starting.")
    else:
        yield good("readiness", f"the gate stands at position {position}")


def _clock(date: str) -> Finding:
    try:
        apart = abs(parsedate_to_datetime(date) - system_clock())
    except (TypeError, ValueError):
        return doubtful("clock", "the server says no time", "Let the proxy pass `Date` on.")
    if apart < _SKEW:
        return good("clock", f"{apart.seconds} s apart")
    return doubtful(
        "clock",
        f"this machine and the server are {apart.seconds} s apart",
        "Tokens end by the server's clock: let both follow NTP.",
    )


def _credential(options: Options, server: Server) -> Finding:
    from counterfoil.cli.failure import describe
    from counterfoil.cli.talking.telling import Telling
    from counterfoil.client import ClientError

    try:
        _server_again, credential = credential_for(options)
        with Telling(server.url, credential, organization=server.organization) as client:
            who = client.whoami()
    except (Stop, ClientError) as error:
        told = describe(error)
        return bad("credential", str(told["what"]), str(told.get("fix", "")))
    seen = f"{who.name} ({who.kind})"
    if left_of(who) is not None:
        return doubtful("credential", f"{seen} ends at {who.expires_at}", "Rotate it in time.")
    return good("credential", seen)
