"""NATS, where frames are published and heard: core for speed, and a stream for what was missed.

A thread of its own keeps one connection up, from `start` to `stop`, and nobody waits for it. What
comes over it may be lost, doubled, late, or made up by whoever runs it: that is for those to judge
who hear it. The one module that knows NATS; it is imported where one is configured, and nowhere
else.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar

import structlog
from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import StorageType
from nats.js.errors import BadRequestError, NotFoundError, ServerError

from counterfoil.runtime.entrance import JWT, Entrance

T = TypeVar("T")

PAUSE_S: Final = 0.5
"""After a connection has ended, before the next one."""
CONNECT_S: Final = 2
PING_S: Final = 2
"""A server that answers nothing for three of these is gone."""
ANSWER_S: Final = 1.0
"""So long what is asked of a stream may take."""
AGAIN_S: Final = 2.0
"""So often it is asked again to keep what is said, while it cannot."""
REPLICAS: Final = (3, 1)
"""A stream is kept by so many servers, or by one where there are not so many."""
KEPT_S: Final = 24 * 3_600
KEPT_BYTES: Final = 256 << 20
"""A stream forgets what is older, and what is beyond that."""
_IN_FLIGHT: Final = 100

log = structlog.get_logger(__name__)


class Kept(NamedTuple):
    """A frame of a stream, and its number there."""

    number: int
    frame: bytes


class Bus:
    """Publishes and hears frames under one subject.

    Attributes:
        failing: what kind of error is why there is no connection; empty if there is one.
        keeps_not: what kind of error is why nothing is kept of what is said; empty if it is.
        stream: how the stream is called that keeps what is said.

    Args:
        entrance: where.
        subject: under which; the stream that keeps what is said there is named after it.
        hear: is given each frame that comes, in the thread of the bus; None to hear nothing.
        keeps: whether to have the server keep what is said, if it can.
        tls: whom we trust to say that a server is who it says.
    """

    def __init__(
        self,
        entrance: Entrance,
        subject: str,
        hear: Callable[[bytes], None] | None = None,
        *,
        keeps: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._entrance = entrance
        self._subject = subject
        self.stream: Final = subject.replace(".", "-")
        self._hear = hear
        self._keeps = keeps
        self._tls = tls
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._client: Client | None = None
        self.failing = self.keeps_not = ""
        self._up = threading.Event()
        self.times_up = 0

    # -- for every thread -----------------------------------------------------------------------

    def start(self) -> None:
        """Begin to keep a connection up; after the fork."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._run, args=(self._loop,), name="the bus", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(CONNECT_S)

    @property
    def is_up(self) -> bool:
        """Whether there is a connection now, as far as anybody knows."""
        return self._up.is_set()

    def wait_up(self, within_s: float) -> bool:
        """Return whether there is a connection, which may take so long to come."""
        return self._up.wait(within_s)

    def publish(self, frame: bytes, name: str) -> None:
        """Have a frame sent, if it can be; nobody learns whether it was.

        What comes twice under a name is kept once.
        """
        client, loop = self._client, self._loop
        if client is not None and loop is not None:
            sent = client.publish(self._subject, frame, headers={"Nats-Msg-Id": name})
            asyncio.run_coroutine_threadsafe(sent, loop)

    def last(self) -> Kept | None:
        """Return the last frame that the stream has; None if there is none, or nobody says."""
        return self._asked(self._last)

    def read(self, first: int, last: int) -> list[bytes]:
        """Return the frames of the stream from one number to another: those that it says it has."""
        return self._asked(lambda stream: self._read(stream, first, last)) or []

    def _asked(self, ask: Callable[[JetStreamContext], Awaitable[T]]) -> T | None:
        client, loop = self._client, self._loop
        if client is None or loop is None:
            return None

        async def answer() -> T:
            return await ask(client.jetstream(timeout=ANSWER_S))

        asked = asyncio.run_coroutine_threadsafe(answer(), loop)
        try:
            return asked.result(ANSWER_S)
        except (Error, OSError, LateError, asyncio.CancelledError):
            asked.cancel()
            return None

    # -- in the thread of the bus ---------------------------------------------------------------

    async def _last(self, stream: JetStreamContext) -> Kept | None:
        found = await stream.get_last_msg(self.stream, self._subject, direct=True)
        return None if found.seq is None else Kept(found.seq, found.data or b"")

    async def _read(self, stream: JetStreamContext, first: int, last: int) -> list[bytes]:
        room = asyncio.Semaphore(_IN_FLIGHT)

        async def one(number: int) -> bytes:
            async with room:
                with suppress(NotFoundError):
                    return (await stream.get_msg(self.stream, number, direct=True)).data or b""
            return b""

        found = await asyncio.gather(*map(one, range(first, last + 1)))
        return [frame for frame in found if frame]

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._keep_up())
        loop.close()

    async def _keep_up(self) -> None:
        while not self._ended.is_set():
            try:
                await self._be_connected()
            except (Error, OSError, TimeoutError, ssl.SSLError, ValueError) as error:
                self._say(type(error).__name__)
            finally:
                self._up.clear()
                self._client = None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), PAUSE_S)

    async def _be_connected(self) -> None:
        """Connect, and return when the connection is over."""
        client, over = Client(), asyncio.Event()

        async def closed() -> None:
            over.set()

        try:
            await client.connect(
                list(self._entrance.urls),
                name="counterfoil",
                error_cb=self._went_wrong,
                closed_cb=closed,
                allow_reconnect=False,  # we do, anew: who was refused once would never come back
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_S,
                ping_interval=PING_S,
                **self._secured(),
                **self._entered(),
            )
            await self._live(client, over)
        finally:
            with suppress(TimeoutError):  # it waits for ever where a certificate was refused
                await asyncio.wait_for(client.close(), PAUSE_S)

    async def _live(self, client: Client, over: asyncio.Event) -> None:
        if self._hear is not None:
            await client.subscribe(self._subject, cb=self._heard)
            await client.flush(CONNECT_S)
        self._client = client
        self.times_up += 1
        self._up.set()
        self._say("")
        keeping = asyncio.ensure_future(self._keep(client)) if self._keeps else None
        ends = [asyncio.ensure_future(one.wait()) for one in (over, self._ended)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for one in (*ends, *filter(None, [keeping])):
            one.cancel()

    async def _keep(self, client: Client) -> None:
        """Have the server keep what is said, as soon as it can: servers may have no leader yet."""
        self.keeps_not = ""
        while why := await self._kept_not(client):
            if why != self.keeps_not:
                log.info("the bus keeps nothing", error=why)
            self.keeps_not = why
            await asyncio.sleep(AGAIN_S)
        self.keeps_not = ""

    async def _kept_not(self, client: Client) -> str:
        """Return what kind of error is why what is said is not kept; empty if it is."""
        stream = client.jetstream(timeout=ANSWER_S)
        why = ""
        for replicas in REPLICAS:
            try:
                await stream.add_stream(
                    name=self.stream,
                    subjects=[self._subject],
                    storage=StorageType.FILE,
                    max_age=KEPT_S,
                    max_bytes=KEPT_BYTES,
                    allow_direct=True,
                    num_replicas=replicas,
                )
            except BadRequestError:
                return ""  # there is one, which its operator has made otherwise
            except ServerError as error:  # as one says that is asked for three
                why = type(error).__name__
            except (Error, OSError, TimeoutError) as error:
                return type(error).__name__
            else:
                return ""
        return why

    async def _heard(self, message: Msg) -> None:
        if self._hear is not None:
            self._hear(message.data)

    async def _went_wrong(self, error: Exception) -> None:
        """Take in what the client says on the way; only how it ends matters."""
        log.debug("the bus", error=type(error).__name__)

    def _say(self, error: str) -> None:
        if error != self.failing:
            self.failing = error
            if error:
                log.warning("no bus: the feed goes over HTTP", error=error)
            else:
                log.info("the bus is there")

    def _secured(self) -> dict[str, Any]:
        """Have TLS begin before a word is said, so that nobody in between talks us out of it."""
        if not self._entrance.is_secured:
            return {}
        return {"tls": self._tls or ssl.create_default_context(), "tls_handshake_first": True}

    def _entered(self) -> dict[str, Any]:
        said = self._entrance.credentials
        if not said:
            return {}
        if said.startswith(JWT):
            return {"user_credentials": RawCredentials(said)}
        user, _, password = said.partition(":")
        return {"user": user, "password": password}
