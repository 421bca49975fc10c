"""Wires and clients that are closed with the test that made them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any, Final, TypeAlias, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from counterfoil.client.answer import Answer
from counterfoil.client.calls import Calls
from counterfoil.client.credential import Credential
from counterfoil.client.manners import Manners
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.wire import Wire
from counterfoil.client.wire_async import AsyncWire

T = TypeVar("T")


class Awaited:
    """An awaited wire, for tests that block: each call is awaited on a loop beside them."""

    def __init__(self, portal: BlockingPortal, url: str, manners: Manners, **how: Any) -> None:
        sleep = how.pop("sleep", None)
        if sleep is not None:

            async def nap(seconds: float) -> None:
                sleep(seconds)

            how["sleep"] = nap
        self._portal = portal
        self._wire = AsyncWire(url, manners, **how)
        self.manners = self._wire.manners

    def close(self) -> None:
        self._portal.call(self._wire.close)

    def run(self, steps: Steps[T]) -> T:
        return self._portal.call(self._wire.run, steps)

    def ask(self, method: str, path: str, **how: Any) -> Answer:
        return self.run(self.manners.ask(method, path, **how))

    def create(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        return self.run(self.manners.create(path, body, headers))

    def each(self, listing: Listing[T]) -> Iterator[T]:
        return self.drained(self._wire.each(listing))

    def drained(self, things: AsyncIterator[T]) -> Iterator[T]:
        """Yield one by one what is awaited, so that only what is read is asked for."""
        while True:
            try:
                yield self._portal.call(things.__anext__)
            except StopAsyncIteration:
                return


AnyWire: TypeAlias = Wire | Awaited

_MINDED: Final = ("organization", "patience", "clock", "entropy")
"""What is the manners' choice and not the wire's."""


class Dial:
    """Makes wires and clients, and closes them with the test."""

    def __init__(self, stack: ExitStack, *, awaited: bool = False) -> None:
        self.kind = "awaited" if awaited else "blocking"
        self._stack = stack
        self._portal = stack.enter_context(start_blocking_portal()) if awaited else None

    def wire(self, url: str, credential: Credential | None = None, **how: Any) -> AnyWire:
        minded = {name: how.pop(name) for name in _MINDED if name in how}
        manners = Manners(credential, **minded)
        if self._portal is None:
            return self._stack.enter_context(closing(Wire(url, manners, **how)))
        return self._stack.enter_context(closing(Awaited(self._portal, url, manners, **how)))

    def client(self, *args: Any, **how: Any) -> Calls[Wire]:
        """Return all calls of the API, which block here whichever way their wire waits."""
        return Calls(self.wire(*args, **how))  # type: ignore[arg-type]  # it does what a wire does
