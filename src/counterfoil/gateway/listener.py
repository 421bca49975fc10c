"""Where a process of the gateway listens: it takes connections in, and lets go of idle ones."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import time
from contextlib import suppress
from typing import Final

import uvloop

from counterfoil.gateway.spelled import Pen
from counterfoil.gateway.wire import Answers, Room, Wire
from counterfoil.kernel.clock import Clock

MOST: Final = 4_096
"""So many connections a process has at a time: more than proxies keep for their next request."""
AMID_S: Final = 30.0
"""So long a request may take to come."""
IDLE_S: Final = 150.0
"""So long a line may rest: longer than most proxies keep one for their next request."""
LINGER_S: Final = 2.0
"""So long is read away what somebody sends who was told that no more is answered."""
_GRACE_S: Final = 3.0
"""So long is waited, when it is to end, for requests that have begun to come."""
_LOOK_S: Final = 1.0
_AT_ONCE: Final = 64
_FULL: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


class Listener:
    """Serves at one socket until a signal ends it.

    Args:
        listening: a socket that listens.
        asked: answers each request.
        clock: says what time it is.
        most: so many connections at a time.
    """

    def __init__(
        self, listening: socket.socket, asked: Answers, clock: Clock, most: int = MOST
    ) -> None:
        listening.settimeout(0)
        self._listening = listening
        self._asked = asked
        self._pen = Pen(clock)
        self._room = Room()
        self._most = most
        self._open: set[Wire] = set()
        self._coming: set[asyncio.Task[None]] = set()
        self._is_taking = False
        self._gone = asyncio.Event()

    def run(self) -> None:
        """Serve until this process is told to end."""
        uvloop.run(self._until_told())

    async def _until_told(self) -> None:
        ends = asyncio.Event()
        for number in _ENDS:
            asyncio.get_running_loop().add_signal_handler(number, ends.set)
        await self.serve(ends)

    async def serve(self, ends: asyncio.Event) -> None:
        """Serve until it ends: what has begun to come is answered, and nothing after it."""
        self._loop = asyncio.get_running_loop()
        self._take()
        look = self._loop.create_task(self._look())
        look.add_done_callback(lambda _: ends.set())  # nothing would be let go of without it
        await ends.wait()
        self._accept()
        self._leave()
        self._listening.close()
        if self._coming:
            await asyncio.wait(self._coming)
        for wire in list(self._open):
            wire.finish()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone(), _GRACE_S)
        look.cancel()
        with suppress(asyncio.CancelledError):
            await look

    async def _all_gone(self) -> None:
        while self._open:
            self._gone.clear()
            await self._gone.wait()

    def _take(self) -> None:
        """Take connections in, from now on; nobody any more once this is to end."""
        if not self._is_taking and self._listening.fileno() >= 0:
            self._is_taking = True
            self._loop.add_reader(self._listening.fileno(), self._accept)

    def _leave(self) -> None:
        """Take none in, until there is room."""
        if self._is_taking:
            self._is_taking = False
            self._loop.remove_reader(self._listening.fileno())

    def _accept(self) -> None:
        """Take in all who wait, or some of many: the others would wait behind what these ask."""
        for _ in range(_AT_ONCE):
            try:
                line, _ = self._listening.accept()
            except OSError as error:
                if error.errno in _FULL:
                    self._make_room()
                return  # nobody waits, or no file is left
            coming = self._loop.create_task(self._begin(line))
            self._coming.add(coming)
            coming.add_done_callback(self._coming.discard)
            if len(self._open) + len(self._coming) > self._most:
                self._make_room()
                return

    def _make_room(self) -> None:
        """End the line that has rested for longest; where none rests, who comes waits."""
        resting = [wire for wire in self._open if not wire.is_amid and not wire.is_ending]
        if resting:
            min(resting, key=lambda wire: wire.since).cut()
        else:
            self._leave()

    async def _begin(self, line: socket.socket) -> None:
        coming = asyncio.current_task()

        def begun(wire: Wire) -> None:
            if coming is not None:  # it is here now, and is counted once
                self._coming.discard(coming)
            self._open.add(wire)

        try:
            await self._loop.connect_accepted_socket(
                lambda: Wire(self._asked, self._pen, self._room, begun, self._end), line
            )
        except OSError:
            line.close()

    def _end(self, wire: Wire) -> None:
        self._open.discard(wire)
        self._gone.set()
        self._take()

    async def _look(self) -> None:
        """Let go of whoever has been silent for too long."""
        while True:
            await asyncio.sleep(_LOOK_S)
            self._pen.look()
            self._take()
            if len(self._open) > self._most:  # some came at once, before any of them was there
                self._make_room()
            now = time.monotonic()
            for wire in list(self._open):
                patience = LINGER_S if wire.is_over else AMID_S if wire.is_amid else IDLE_S
                if wire.is_ending or now - wire.since > patience:
                    wire.cut()
