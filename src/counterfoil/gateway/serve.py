"""Serving the gateway: processes that Granian begins, watches and ends, each with one thread.

A decision takes microseconds and waits for nothing, so a second thread in a process would only wait
for the first.
"""

from __future__ import annotations

import multiprocessing.util
import os
from pathlib import Path
from typing import Final

import msgspec
import structlog
from granian.constants import Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.server.mp import MPServer

from counterfoil.gate.record.journal import Journal
from counterfoil.gateway import remote
from counterfoil.gateway.admission import Admission
from counterfoil.gateway.assertion import Signer
from counterfoil.gateway.awaited import await_books
from counterfoil.gateway.books import Books, books_here
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.heeding import heeding
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.line import LOOPBACK
from counterfoil.gateway.meters import Meters
from counterfoil.gateway.process import spawning
from counterfoil.gateway.recorder import Recorder
from counterfoil.gateway.strayed import FIX, strayed
from counterfoil.gateway.trail import Trail
from counterfoil.gateway.unservable import UnservableError
from counterfoil.kernel.clock import Clock, system_clock, system_ticks
from counterfoil.kernel.entropy import names, system_entropy
from counterfoil.kernel.ids import ApiId
from counterfoil.kernel.plain import in_words, with_file
from counterfoil.kernel.usual import USUAL_BALLAST_MB
from counterfoil.runtime import logging
from counterfoil.runtime.cycles import seek_serving
from counterfoil.runtime.keyfile import KeyFileError, key_in
from counterfoil.runtime.listening import ListeningError, take, take_path
from counterfoil.runtime.places import Places
from counterfoil.runtime.secretfile import SecretFileError, secret_in

VARIABLE: Final = "COUNTERFOIL_GATE"
_LINES: Final = 512
_KILL_S: Final = 5
_SOCKET_MODE: Final = 0o660

log = structlog.get_logger(__name__)


class Plan(msgspec.Struct, frozen=True):
    """How a gateway is served.

    Attributes:
        data_dir: of the installation on this host.
        host: the address to listen at; with `socket`, none.
        port: the port there.
        socket: the path of a Unix socket to listen at instead.
        workers: how many processes answer.
        api: which API is meant where an address names none; 0 for none.
        secret_file: holds what proxies have to present; empty where they need not.
        metrics_secret_file: holds what Prometheus presents as a bearer at `/metrics`; empty where
            that is asked as all else is.
        assertions: whether to sign who sent a request.
        office: the base URL of the office, where that is on another host; empty if it is not.
        credential_file: holds what this gate is known by at that office.
        nats: the bus over which that office tells what is new; empty for none.
        nats_credentials: the file by which the bus is entered; empty if anybody may.
        record: the file to write down in what is asked about; empty for none.
        strict: whether each decision is on record before it is answered, in every organization.
        log_level: how much goes into the log: debug, info, warning or error.
        ballast_mb: megabytes that a gate of an office on another host keeps on its disk, to be let
            go when that is full; 0 keeps none.
    """

    data_dir: str
    host: str = "127.0.0.1"
    port: int = 8401
    socket: str = ""
    workers: int = 1
    api: int = 0
    secret_file: str = ""
    metrics_secret_file: str = ""
    assertions: bool = False
    office: str = ""
    credential_file: str = ""
    nats: str = ""
    nats_credentials: str = ""
    record: str = ""
    strict: bool = False
    log_level: str = "info"
    ballast_mb: int = USUAL_BALLAST_MB


def serve(plan: Plan) -> None:
    """Serve until a signal ends it, once there are books.

    Raises:
        UnservableError: whoever could reach it could pass for a proxy, it cannot listen, it has
            no key to sign with, nothing to show to its office, or nowhere to record.
    """
    places = Places(Path(plan.data_dir))
    admission(plan)
    try:
        _take(plan)
    except ListeningError as error:
        raise UnservableError(str(error)) from None
    if plan.office:
        remote.require(places, _far(plan))
        places.prepare()
    elif not await_books(places, plan.log_level):
        return
    elif told := strayed(places):
        logging.configure(plan.log_level)
        log.warning("this gate is shut", error=f"{told} {FIX}")
    _require_recordable(plan)
    try:
        _signer(plan, places)  # so that a key is there, and a good one, before any worker needs it
    except (OSError, KeyFileError) as error:
        raise UnservableError(f"no key to sign with: {with_file(error)}") from None
    os.environ[VARIABLE] = msgspec.json.encode(plan).decode()
    seek_serving()
    heeding(server(plan)).serve(spawning(plan.host, plan.port))


def _take(plan: Plan) -> None:
    """Return if this gate alone listens there, and whoever reaches it may be believed."""
    if plan.socket:
        take_path(Path(plan.socket))
        return
    if plan.host not in LOOPBACK and not plan.secret_file:
        raise UnservableError(
            f"{plan.host} is reached from elsewhere: whoever reaches the gate is believed, so "
            "give it a --secret-file, or let it listen on 127.0.0.1 or a Unix socket"
        )
    take(plan.host, plan.port)


def _require_recordable(plan: Plan) -> None:
    """Return if what is to be recorded can be: a gate that records nothing would not be noticed."""
    if plan.record:
        try:
            os.close(os.open(plan.record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        except OSError as error:
            raise UnservableError(f"{plan.record} cannot be written: {in_words(error)}") from None


def server(plan: Plan) -> MPServer:
    """Return the server, ready to be started."""
    return MPServer(
        "counterfoil.gateway.serve:worker",
        factory=True,
        interface=Interfaces.WSGI,
        address=plan.host,
        port=plan.port,
        uds=Path(plan.socket) if plan.socket else None,
        uds_permissions=_SOCKET_MODE if plan.socket else None,
        workers=plan.workers,
        blocking_threads=1,
        backpressure=_LINES,
        runtime_mode=RuntimeModes.st,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_S,
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
    )


def worker() -> Gateway:
    """Make what a process of the gateway answers with; after the fork."""
    plan = msgspec.json.decode(os.environ.pop(VARIABLE), type=Plan)
    for name in [one for one in os.environ if one.startswith("HTTP_")]:
        del os.environ[name]  # a server shows its environment to each request: no header of ours
    logging.configure(plan.log_level)
    places = Places(Path(plan.data_dir))
    counts = Meters(places.gate_meters_file)
    books = _books(plan, places, counts)
    journal = Journal(places.decisions_dir, system_entropy)
    trail = Trail(journal, books.clock, books.replica.prefix, strict=plan.strict)
    trail.start()
    multiprocessing.util.Finalize(None, trail.close, exitpriority=100)
    if plan.office:
        counts.begin(system_ticks())
        remote.tell(places, _far(plan), counts.level)
    log.info("worker began", pid=os.getpid(), listens=_address(plan))
    return Gateway(
        books,
        Kept(
            counts,
            trail,
            Recorder(Path(plan.record), books) if plan.record else None,
        ),
        names(system_entropy, 16),
        api=ApiId(plan.api) if plan.api else None,
        admission=admission(plan),
        signer=_signer(plan, places, books.clock),
    )


def _address(plan: Plan) -> str:
    """Return where it listens, as `--listen` says it."""
    if plan.socket:
        return f"unix:{plan.socket}"
    host = f"[{plan.host}]" if ":" in plan.host else plan.host
    return f"{host}:{plan.port}"


def _far(plan: Plan) -> remote.Far:
    return remote.Far(
        plan.office, plan.credential_file, plan.nats, plan.nats_credentials, plan.ballast_mb
    )


def _books(plan: Plan, places: Places, counts: Meters) -> Books:
    if plan.office:
        return remote.books(places, _far(plan), counts)
    return books_here(places)


def _signer(plan: Plan, places: Places, clock: Clock = system_clock) -> Signer | None:
    if not plan.assertions:
        return None
    return Signer(key_in(places.gate_key_file, system_entropy), clock)


def admission(plan: Plan) -> Admission:
    """Return who may ask.

    Raises:
        UnservableError: a file holds no secret, or others may read it, or both hold the same.
    """
    proxy, scraper = secret(plan.secret_file), secret(plan.metrics_secret_file)
    if scraper and scraper == proxy:
        raise UnservableError(
            f"{plan.metrics_secret_file} holds the proxies' secret, by which one passes for a "
            "proxy: give whoever scrapes another"
        )
    return Admission(proxy, scraper)


def secret(file: str) -> str:
    """Return what a file holds; nothing if there is none.

    Raises:
        UnservableError: it holds no secret, or others may read it.
    """
    if not file:
        return ""
    try:
        return secret_in(Path(file))
    except SecretFileError as error:
        raise UnservableError(str(error)) from None
