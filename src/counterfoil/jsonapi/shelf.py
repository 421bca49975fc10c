"""Answers that stand ready: what was told is told again while it would be read again.

An ordinary door makes each of them; what stands here is what it said, and in whose trail it said
so. It is told again to the same token, with the same grant, that asks the same in the same words,
in its address or in its body, for as long as nothing is committed that may concern the organization
(`runtime/witness.py`). So nobody is told anything that their door would not tell them at that very
moment, and what is not known for certain is read.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from counterfoil.access.caller import Caller
from counterfoil.audit.record import ALLOWED, Act
from counterfoil.jsonapi.held import spared
from counterfoil.jsonapi.reply import Setting, Spelled, answered, spelled
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.runtime.witness import Stamp

Key: TypeAlias = tuple[object, ...]
_PATH: Final = 0

_APIECE: Final = 2_000
"""Bytes that an answer takes besides the two bodies, about."""
_SHARED: Final = 512
"""So many headers are kept in one copy, at least those that all answers have."""
_SHARE: Final = 16
"""No answer takes more than this part of the room, so that a large one puts out few others."""


class Ready(NamedTuple):
    """An answer that was given.

    Attributes:
        route: which door gave it.
        stamp: names the state in which it was read.
        acts: what went on record for it.
        answer: as its door gave it.
        whole: as it went out, but for what is said of one request alone.
        spared: what goes out to whoever holds its body.
        size: how many bytes it takes, about.
    """

    route: Route
    stamp: Stamp
    acts: tuple[Act, ...]
    answer: Answer
    whole: Spelled
    spared: Spelled
    size: int


class Shelf:
    """What one process has ready.

    Args:
        room: so many bytes at most; 0 keeps nothing. The oldest go first.
    """

    def __init__(self, room: int = 0) -> None:
        self._room = room
        self._free = room
        self._ready: dict[Key, Ready] = {}
        self._paths: Counter[object] = Counter()
        self._lock = threading.Lock()

    def may_have(self, path: str) -> bool:
        """Say whether anybody's answer at an address is there."""
        return path in self._paths

    def find(self, key: Key | None, stamp: Stamp | None) -> Ready | None:
        """Return the answer to what a key names, if it was read in the state that is now."""
        found = self._ready.get(key) if key is not None else None
        return found if found is not None and found.stamp == stamp else None

    def keep(self, key: Key, ready: Ready) -> None:
        """Have an answer ready."""
        if ready.size * _SHARE > self._room:
            return
        with self._lock:
            self._drop(key)
            while self._free < ready.size:
                self._drop(next(iter(self._ready)))
            self._ready[key] = ready
            self._free -= ready.size
            self._paths[key[_PATH]] += 1

    def _drop(self, key: Key) -> None:
        gone = self._ready.pop(key, None)
        if gone is not None:
            self._free += gone.size
            self._paths[key[_PATH]] -= 1
            if not self._paths[key[_PATH]]:
                del self._paths[key[_PATH]]


def key_of(caller: Caller, environ: Mapping[str, Any], raw: bytes | None = None) -> Key | None:
    """Return all that the answer to a request may depend on; None if that cannot be said.

    The token stands for the kind of credential and for whose cursors are good; what it may see is
    the grant alone.

    Args:
        caller: who asks.
        environ: the request.
        raw: its body, where that says what is asked; otherwise it has to have none.
    """
    if caller.token is None or (raw is None and not _is_bare(environ)):
        return None
    return (
        environ["PATH_INFO"],
        environ.get("QUERY_STRING"),
        environ.get("HTTP_ACCEPT"),
        caller.token,
        caller.organization,
        caller.user,
        caller.grant,
        raw,
    )


def _is_bare(environ: Mapping[str, Any]) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("CONTENT_LENGTH")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def ready(route: Route, asked: Asked, answer: Answer, stamp: Stamp, accept: str) -> Ready | None:
    """Return an answer as it may be given again; None if it may not be."""
    good = answer.status == 200 and isinstance(answer.body, bytes)  # noqa: PLR2004 - OK
    if not good or not asked.acts or any(act.outcome != ALLOWED for act in asked.acts):
        return None
    nobody = Setting("", route.dialect, accept)
    whole = _packed(spelled(answered(answer, nobody)))
    rest = _packed(spelled(answered(spared(answer), nobody)))
    size = len(whole.body) + len(asked.raw) + _APIECE
    return Ready(route, stamp, tuple(asked.acts), answer, whole, rest, size)


def _packed(answer: Spelled) -> Spelled:
    """Return an answer that shares its headers with others: the next one finds them near."""
    return answer._replace(headers=[_shared(*one) for one in answer.headers])


@lru_cache(maxsize=_SHARED)
def _shared(name: str, value: str) -> tuple[str, str]:
    return name, value
