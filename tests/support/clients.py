"""Wires and clients that are closed with the test that made them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import Any

from counterfoil.client import Client
from counterfoil.client.wire import Wire


class Dial:
    """Makes wires and clients, and closes them with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def wire(self, *args: Any, **how: Any) -> Wire:
        return self._stack.enter_context(closing(Wire(*args, **how)))

    def client(self, *args: Any, **how: Any) -> Client:
        return self._stack.enter_context(Client(*args, **how))
