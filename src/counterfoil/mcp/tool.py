"""What a tool is, and to whom it is offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from counterfoil.client import Client
from counterfoil.client.model import Whoami

Arguments = Mapping[str, Any]
Run = Callable[[Client, Arguments], object]

MOST: Final = 100
USUAL: Final = 20

TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 1000}
"""What is sought stands in an address, and no address is endless."""
ID: Final[dict[str, Any]] = {"type": "string", "pattern": "^([a-z]{3}_)?[0-9]{16}$"}
FIELDS: Final[dict[str, Any]] = {"type": "object"}
LIMIT: Final[dict[str, Any]] = {
    "type": "integer",
    "minimum": 1,
    "maximum": MOST,
    "description": f"How many at most; {USUAL} if left out.",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    Attributes:
        told: what it does, for a model to choose by.
        takes: its arguments, each by a JSON Schema; those in `needs` must be there.
        scope: what a token must hold for it; None for what every token may do.
        surface: where a token must be let in for it.
        does: whether it only looks, changes something, or takes something away.
    """

    name: str
    told: str
    run: Run
    scope: str | None = None
    surface: str | None = "management"
    takes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    does: Literal["look", "change", "remove"] = "look"

    def is_for(self, who: Whoami) -> bool:
        """Say whether a token could ever succeed with it."""
        return (self.surface is None or self.surface in who.surfaces) and (
            self.scope is None or self.scope in who.scopes
        )

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return {
            "type": "object",
            "properties": dict(self.takes),
            "required": list(self.needs),
            "additionalProperties": False,
        }
