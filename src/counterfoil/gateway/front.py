"""The gateway as its own server asks it: who is kept for a moment, and whose body is read."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from counterfoil.gate.position import is_behind
from counterfoil.gateway.doors import Gateway

Environ: TypeAlias = dict[str, Any]

_IN_A_BODY: Final = frozenset({"/authz/decision", "/authz/explain"})


class Front:
    """Answers by a gateway.

    Args:
        gateway: decides.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.answer: Final = gateway.answer
        self._reach = gateway.reach

    def takes_body(self, path: str) -> bool:
        """Say whether what is asked there is asked in a body."""
        return path in _IN_A_BODY

    def is_behind(self, environ: Environ) -> bool:
        """Say whether the books do not stand yet where whoever asks has seen them (S29)."""
        return is_behind(environ, self._reach)
