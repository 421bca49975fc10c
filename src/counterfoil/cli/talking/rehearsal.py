"""`--dry-run`: all is looked up as it would be, and the first thing that would change is told."""

from __future__ import annotations

import json
from typing import Final

from counterfoil.cli.output.put import put_value
from counterfoil.cli.output.text import note
from counterfoil.cli.talking.telling import Telling
from counterfoil.client.answer import Answer
from counterfoil.client.steps import Ask
from counterfoil.client.wire import Wire

_LOOKS: Final = frozenset({"GET", "HEAD"})
_SIGNING_IN: Final = "/oauth/token"


class Rehearsed(Exception):
    """Here something would have been changed."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(f"{ask.method} {ask.path}")
        self.ask = ask


class _Rehearsal(Wire):
    """A wire over which one can look, and change nothing."""

    def _send(self, ask: Ask) -> Answer:
        if ask.method not in _LOOKS and ask.path != _SIGNING_IN:
            raise Rehearsed(ask)
        return super()._send(ask)


class Rehearsing(Telling):
    """A client that changes nothing."""

    over = _Rehearsal


def tell(would: Rehearsed) -> None:
    """Print the request that was not sent."""
    ask = would.ask
    put_value(
        {
            "method": ask.method,
            "path": ask.path,
            "query": dict(ask.query),
            "body": json.loads(ask.body) if ask.body else None,
        }
    )
    note("… a dry run: this was not sent, and nothing has changed")
