"""Serving: Granian, its worker processes, and what they are told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from granian.constants import Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.server.mp import MPServer

from counterfoil.app import keys, newcomer, sealing, signals, tried
from counterfoil.app.fit import UnreadyError, bring_up, prefix
from counterfoil.app.underway import asking
from counterfoil.app.worker import DRAIN_S, LINES
from counterfoil.gate.hostclock import HostClock
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.cycles import seek_serving
from counterfoil.runtime.direct import spawning
from counterfoil.runtime.listening import ListeningError, take
from counterfoil.runtime.settings import PREFIX, Settings, load
from counterfoil.signin import hand_founding

_RESPAWN_S: Final = 0.1
_RENEW_S: Final = 2.0
"""For so long a new worker stands beside the one that it follows, when a SIGHUP renews them: they
begin in less than one, and the next one is renewed only then."""

KILL_S: Final = DRAIN_S + 2
"""When a worker is killed that has not left; it has had time to drain and close its books."""


_NOBODY: Final = """\
● Nobody is here yet. To begin, open this within ten minutes; later, restart for another:
  {url}/begin#{code}"""


def _unheard(_said: str) -> None:
    """Tell nobody."""


def serve(
    data_dir: Path,
    port: int | None = None,
    workers: int | None = None,
    say: Callable[[str], None] = _unheard,
) -> None:
    """Serve an installation until a signal ends it.

    An embedded database is brought to the present revision first; any other one is its operator's
    to migrate. This process keeps nothing open: the workers do, each for itself.

    Args:
        data_dir: where the installation lies, or shall lie.
        port: where to listen; the environment or 8400 otherwise.
        workers: how many processes; the environment or 2 otherwise.
        say: is told the link by which an installation is founded in which nobody is yet.

    Raises:
        SettingError: naming the variable that is wrong.
        UnreadyError: if somebody listens there already, if the installation cannot be served as it
            is set, or if its workers gave up.
    """
    given = {**os.environ, f"{PREFIX}DATA_DIR": str(data_dir)}
    if port is not None:
        given[f"{PREFIX}PORT"] = str(port)
    if workers is not None:
        given[f"{PREFIX}WORKERS"] = str(workers)
    settings = load(given)
    try:
        take(settings.host, settings.port)
    except ListeningError as error:
        raise UnreadyError(str(error)) from None
    settings.prepare()
    if not settings.database_url:
        bring_up(settings.url)
    begins = _begun(settings, say)  # from here on this host is one of the installation
    os.environ.update(replace(settings, prefix=begins, join=True).as_environment())
    house = server(settings)
    house.on_reload(lambda: _take_time(house))
    signals.hold()  # the workers inherit it
    signals.listen(lambda number: _pass_on(number, house))
    seek_serving()
    try:
        house.serve(spawning(asking))
    except SystemExit as end:
        if end.code and not house.interrupt_signal:
            message = "the workers ended again and again; what they logged says why"
            raise UnreadyError(message) from None


def _begun(settings: Settings, say: Callable[[str], None]) -> str:
    """Return how the tokens of the installation begin; say how it is founded, if nobody did."""
    with closing(HostClock(settings.clock_file)) as clock:
        tried.require(settings, clock, system_entropy)
        known = newcomer.admitted(settings, sealing.opened(settings))
        with closing(keys.signed(settings, known, system_entropy)) as database:
            begins = prefix(database, settings.prefix)
            code = hand_founding(database, clock, system_entropy)
    if code is not None:
        url = settings.base_url or f"http://localhost:{settings.port}"
        say(_NOBODY.format(url=url, code=code.reveal()))
    return begins


def _pass_on(number: int, house: MPServer) -> None:
    """Tell Granian of a signal, as its own handlers would."""
    tell: Callable[[], None] = house.signal_handler_interrupt
    if number == signal.SIGHUP:
        tell = house.signal_handler_reload
    tell()


def _take_time(house: MPServer) -> None:
    """Have each worker stay until the one that follows it listens."""
    house.respawn_interval = _RENEW_S


def server(settings: Settings) -> MPServer:
    """Return the server, ready to be started."""
    return MPServer(
        "counterfoil.app.worker:worker",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=settings.threads + settings.waiting,
        backpressure=LINES,
        runtime_mode=RuntimeModes.st,  # the other one may sleep through its own end
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN_S,
        workers_kill_timeout=KILL_S,
        log_access=False,
        log_level=LogLevels.error,
    )
