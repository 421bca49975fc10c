"""The turnstile: whoever is refused is answered one at a time, so that many slow nobody else down.

Python runs one thread of a process at a time. A request that is good gives its turn away at each
word with the database, and would have to wait until all who are refused at that moment have had
theirs. So these wait for each other instead, and what is good for one of them.

Whoever shows what is refused with 401 stands in it, be it unknown, expired or disabled; a pair of
key and secret does not, as a database is asked about it. Who stands in it waits for nothing: what
is said to them is known. Where a door is open to anybody they leave it before that door begins.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

KEY: Final = "counterfoil.turnstile"
"""What a request holds that stands in it; its desk, or whoever sent it there, lets go."""
PATIENCE_S: Final = 0.05
"""After so long one goes on all the same: refusing takes a fraction of a millisecond."""


def enter(one: Lock, environ: dict[str, Any]) -> None:
    """Have a request stand in it, if its turn comes: whoever is in holds the lock."""
    if one.acquire(timeout=PATIENCE_S):
        environ[KEY] = one


def leave(environ: dict[str, Any]) -> None:
    """Let the next one in; a request that stands in none has none to leave."""
    one: Lock | None = environ.pop(KEY, None)
    if one is not None:
        one.release()
