"""The turnstile: whoever is refused is answered one at a time, so that many keep nobody else up.

Python runs one thread of a process at a time. A request that is good gives its turn away at each
word with the database, and would have to wait until all who are refused at that moment have had
theirs. So these wait for each other instead, and what is good for one of them.

Who stands in it waits for nothing: what is said to them is known. Where a door is open to anybody
they leave it before that door begins.
"""

from __future__ import annotations

import threading
from typing import Any, Final

KEY: Final = "counterfoil.turnstile"
PATIENCE_S: Final = 0.05
"""After so long one goes on all the same: refusing takes a fraction of a millisecond."""


class Turnstile:
    """Lets one in at a time."""

    def __init__(self) -> None:
        self._one = threading.Lock()

    def enter(self, environ: dict[str, Any]) -> None:
        """Have a request stand in it, if its turn comes."""
        if self._one.acquire(timeout=PATIENCE_S):
            environ[KEY] = self._one.release


def leave(environ: dict[str, Any]) -> None:
    """Let the next one in; a request that stands in none has none to leave."""
    release = environ.pop(KEY, None)
    if release is not None:
        release()
