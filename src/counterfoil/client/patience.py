"""How long one waits, and how often one asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """The bounds of one call.

    Args:
        timeout_s: seconds for each phase of one attempt: to connect, to send, to hear something.
        attempts: so often a call is made that may be repeated: a read, a PUT, a DELETE, a create.
        connects: so often anything is tried that was not sent, because nobody listens.
        longest_wait_s: where a server asks for a longer wait, the call fails and says how long.
        first_wait_s: the pause before the second attempt where no server says; then it doubles.
    """

    timeout_s: float = 30.0
    attempts: int = 4
    connects: int = 2
    longest_wait_s: float = 60.0
    first_wait_s: float = 0.5


USUAL = Patience()
