"""`counterfoil gate`: the gate as a server of its own, for a proxy to ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.serve import data_dir_option
from counterfoil.cli.numbers import Whole
from counterfoil.cli.talking.options import gathered
from counterfoil.kernel.usual import USUAL_BALLAST_MB

_UNIX = "unix:"
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the command line says of the gate."""

    listen: str
    workers: int
    api: str | None
    secret_file: str | None
    metrics_secret_file: str | None
    assertions: bool
    office: str | None
    credential: str | None
    nats: str | None
    nats_credentials: str | None
    record: str | None
    audit: str
    log_level: str
    ballast_mb: int


@click.command()
@data_dir_option
@click.option(
    "--listen",
    default="127.0.0.1:8401",
    help="host:port, or unix:/path. [default: 127.0.0.1:8401]",
)
@click.option("--workers", type=Whole(1, 64), default=1, help="Processes. [default: 1]")
@click.option("--api", help="The API that is meant where an address names none: api_….")
@click.option(
    "--secret-file",
    type=click.Path(dir_okay=False),
    help="Holds what the proxy presents in Counterfoil-Gate-Secret.",
)
@click.option(
    "--metrics-secret-file",
    type=click.Path(dir_okay=False),
    envvar="COUNTERFOIL_METRICS_SECRET_FILE",
    help="Holds what Prometheus presents at /metrics, as a bearer. "
    "[env: COUNTERFOIL_METRICS_SECRET_FILE]",
)
@click.option("--assertions", is_flag=True, help="Sign who sent a request (Counterfoil-Assertion).")
@click.option("--office", help="Base URL of an office on another host, whose feed it follows.")
@click.option(
    "--credential",
    type=click.Path(dir_okay=False),
    help="Holds what it shows to that office, which `counterfoil gates add` has written.",
)
@click.option(
    "--nats",
    envvar="COUNTERFOIL_NATS",
    help="Where that office tells at once what is new: tls://host. [env: COUNTERFOIL_NATS]",
)
@click.option(
    "--nats-credentials",
    type=click.Path(dir_okay=False),
    envvar="COUNTERFOIL_NATS_CREDENTIALS",
    help="The file by which NATS is entered. [env: COUNTERFOIL_NATS_CREDENTIALS]",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False),
    help="Write the shapes of all requests here, for `gates propose`. It opens nothing.",
)
@click.option(
    "--audit",
    type=click.Choice(["batched", "strict"]),
    envvar="COUNTERFOIL_AUDIT",
    default="batched",
    help="Whether decisions are on record before they are answered. [default: batched] "
    "[env: COUNTERFOIL_AUDIT]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    envvar="COUNTERFOIL_LOG_LEVEL",
    default="info",
    help="How much goes into the log. [default: info] [env: COUNTERFOIL_LOG_LEVEL]",
)
@click.option(
    "--ballast-mb",
    type=Whole(0, 65_536),
    envvar="COUNTERFOIL_BALLAST_MB",
    default=USUAL_BALLAST_MB,
    help="With --office: megabytes that are kept on the disk for revocations; 0 keeps none. "
    "[default: 16] [env: COUNTERFOIL_BALLAST_MB]",
)
@gathered(Said)
def gate(said: Said, *, data_dir: Path) -> None:
    """Answer the proxies in front of your APIs, until a signal ends it.

    It reads what the office on this host knows and touches no database; it waits until that has
    begun. With --office it follows the feed of another host's instead, and decides while that one
    is heard from. Whoever reaches it is believed, so it listens on this machine alone, or asks for
    a secret.
    """
    from counterfoil.gateway.serve import Plan, serve
    from counterfoil.gateway.unservable import UnservableError

    host, port, socket = _listening(said.listen)
    plan = Plan(
        data_dir=str(data_dir.absolute()),
        host=host,
        port=port,
        socket=socket,
        workers=said.workers,
        api=_api(said.api),
        secret_file=said.secret_file or "",
        metrics_secret_file=said.metrics_secret_file or "",
        assertions=said.assertions,
        office=said.office or "",
        credential_file=said.credential or "",
        nats=said.nats or "",
        nats_credentials=said.nats_credentials or "",
        record=str(Path(said.record).absolute()) if said.record else "",
        strict=said.audit == "strict",
        log_level=said.log_level,
        ballast_mb=said.ballast_mb,
    )
    try:
        serve(plan)
    except UnservableError as error:
        raise Stop(Exit.CONFIG, str(error)) from None


def _listening(text: str) -> tuple[str, int, str]:
    """Read where to listen: host, port, and the path of a socket."""
    if text.startswith(_UNIX):
        return "127.0.0.1", 0, str(Path(text[len(_UNIX) :]).absolute())
    host, colon, port = text.rpartition(":")
    if not colon or not host or not _PORT.fullmatch(port) or not 0 < int(port) < 1 << 16:
        raise Stop(Exit.USAGE, "--listen is host:port, or unix:/path")
    return _address(host.strip("[]")), int(port), ""


def _address(host: str) -> str:
    """Return by which address of this machine to listen: a name may mean several."""
    from ipaddress import ip_address

    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        raise Stop(Exit.USAGE, f"--listen: {host} is no address of this machine") from None


def _api(text: str | None) -> int:
    from counterfoil.kernel import ids
    from counterfoil.kernel.errors import NotFound
    from counterfoil.kernel.ids import Prefix

    if text is None:
        return 0
    try:
        return ids.read(Prefix.API, text)
    except NotFound:
        raise Stop(Exit.USAGE, f"--api: {text} is no id of an API") from None
