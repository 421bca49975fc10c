"""Somebody hostile on the bus, who may hear and publish as the office does, and has no key of it.

    replayed   what was heard, again and in any order
    forged     the same with another byte, or signed by a key of one's own
    garbage    anything

It is a process of its own: it hears what the office tells, and publishes there without a rest.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Final

from nats import connect
from nats.aio.msg import Msg

from counterfoil.feed.page import PURPOSE
from counterfoil.runtime.signing import MARK_BYTES, Signer

A_SECOND: Final = 4_000
"""So many frames it publishes."""
_AT_ONCE: Final = 100
_KEPT: Final = 500
_LONGEST: Final = 2_000
_TESTS: Final = Path(__file__).parents[1]


class Hostile:
    """Comes and goes."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, buses: str) -> None:
        """Let it come."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.hostile", buses],
            cwd=_TESTS, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def end(self) -> None:
        """Let it go."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Liar:
    """Keeps what it hears, and says what an office does not."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._own = Signer(PURPOSE, dice.randbytes(32))
        self._heard: deque[tuple[str, bytes]] = deque(maxlen=_KEPT)

    async def hear(self, message: Msg) -> None:
        """Keep a frame; one of its own is as good as another."""
        self._heard.append((message.subject, message.data))

    def next(self) -> tuple[str, bytes] | None:
        """Return what to say next, and where; None before anything was heard."""
        if not self._heard:
            return None
        subject, frame = self._dice.choice(self._heard)
        raw, at = frame[MARK_BYTES:], self._dice.randrange(len(frame) or 1)
        lies = (
            frame,
            frame[:at] + self._dice.randbytes(1) + frame[at + 1 :],
            self._own.mark(raw) + raw,
            self._dice.randbytes(self._dice.randrange(_LONGEST)),
        )
        return subject, self._dice.choice(lies)


async def publish(buses: str) -> None:
    """Publish without a rest."""
    client, liar = await connect(buses.split(",")), Liar(random.Random())
    await client.subscribe("counterfoil.feed.>", cb=liar.hear)
    while True:
        for lie in filter(None, (liar.next() for _ in range(_AT_ONCE))):
            await client.publish(*lie)
        await client.flush()
        await asyncio.sleep(_AT_ONCE / A_SECOND)


if __name__ == "__main__":
    asyncio.run(publish(sys.argv[1]))
