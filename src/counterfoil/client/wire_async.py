"""A connection that is awaited, on asyncio or trio: the same manners as `wire.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing

import anyio
import httpx2

from counterfoil.client.answer import Answer
from counterfoil.client.errors import ClientError
from counterfoil.client.manners import Manners
from counterfoil.client.steps import Ask, Listing, Pause, Query, Step, Steps, T
from counterfoil.client.wire import AGENT, answered, request, settings, silence


class AsyncWire:
    """A connection to one server, with at most one credential; tasks of one loop share it."""

    def __init__(
        self,
        url: str,
        manners: Manners,
        *,
        agent: str = AGENT,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.manners = manners
        self._sleep = sleep
        self._turn = anyio.Lock()
        how = settings(self.url, agent, manners.patience)
        self._http = httpx2.AsyncClient(transport=transport, **how)

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def run(self, steps: Steps[T]) -> T:
        """Do what a call asks for, and return what it comes to."""
        with closing(steps):
            try:
                step = next(steps)
                while True:
                    try:
                        came = await self._do(step)
                    except ClientError as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(came)
            except StopIteration as end:
                done: T = end.value
                return done

    async def each(self, listing: Listing[T]) -> AsyncIterator[T]:
        """Yield what a list holds, page by page, each asked for when it is needed."""
        after: str | None = None
        while True:
            page, after = await self.run(self.manners.page(listing, after))
            for one in page:
                yield one
            if after is None:
                return

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to one API call, as `Manners.ask` says."""
        steps = self.manners.ask(method, path, query=query, body=body, headers=headers)
        return await self.run(steps)

    async def create(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST what is to be made at most once, as `Manners.create` says."""
        return await self.run(self.manners.create(path, body, headers))

    async def _do(self, step: Step) -> object:
        if isinstance(step, Ask):
            return await self._send(step)
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        async with self._turn:
            return await self.run(step.steps)

    async def _send(self, ask: Ask) -> Answer:
        try:
            return answered(await self._http.request(**request(self.url, ask)), self.url, ask)
        except httpx2.TransportError as error:
            raise silence(self.url, error) from None
