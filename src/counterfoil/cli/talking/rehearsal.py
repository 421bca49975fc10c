"""`--dry-run`: all is looked up as it would be, and all that would change is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from counterfoil.cli.output.put import put_value
from counterfoil.cli.output.text import note
from counterfoil.cli.talking.telling import Telling
from counterfoil.client.answer import Answer
from counterfoil.client.redact import redact
from counterfoil.client.steps import Ask
from counterfoil.client.wire import Wire

T = TypeVar("T")

_LOOKS: Final = frozenset({"GET", "HEAD"})
_SIGNING_IN: Final = "/oauth/token"
_EXCHANGE: Final = b"token-exchange"
"""What a form at that address holds if it makes a token of another."""
_LOOKED_AT: Final = "/preview"
"""How the address of a question ends that has to be posted."""


class Rehearsed(Exception):
    """Here something would have been changed."""

    def __init__(self, *asks: Ask) -> None:
        super().__init__(", ".join(f"{ask.method} {ask.path}" for ask in asks))
        self.asks = asks


class _Rehearsal(Wire):
    """A wire over which one can look, and change nothing."""

    def _send(self, ask: Ask) -> Answer:
        if not _looks(ask):
            raise Rehearsed(ask)
        return super()._send(ask)


def _looks(ask: Ask) -> bool:
    """Say whether a request changes nothing but who one is: to sign in goes before all else."""
    if ask.path == _SIGNING_IN:
        return _EXCHANGE not in (ask.body or b"")
    return ask.method in _LOOKS or ask.path.endswith(_LOOKED_AT)


class Rehearsing(Telling):
    """A client that changes nothing."""

    over = _Rehearsal


def for_each(items: Iterable[T], do: Callable[[T], object]) -> None:
    """Do something for each; in a rehearsal, tell of all of them and not of the first alone.

    Raises:
        Rehearsed: what would have been changed.
    """
    would: list[Ask] = []
    for item in items:
        try:
            do(item)
        except Rehearsed as one:
            would.extend(one.asks)
    if would:
        raise Rehearsed(*would)


def _read(body: bytes) -> object:
    """Return what would have been sent, of a form too; of a secret in it the hint."""
    try:
        return json.loads(body)
    except ValueError:
        fields = parse_qsl(body.decode())
        return {name: redact(value) for name, value in fields}


def tell(would: Rehearsed) -> None:
    """Print the requests that were not sent: one as it is, several as a list."""
    asks = [
        {
            "method": ask.method,
            "path": ask.path,
            "query": dict(ask.query),
            "body": _read(ask.body) if ask.body else None,
        }
        for ask in would.asks
    ]
    put_value(asks[0] if len(asks) == 1 else asks)
    told = "this was not sent" if len(asks) == 1 else f"these {len(asks)} were not sent"
    note(f"… a dry run: {told}, and nothing has changed")
