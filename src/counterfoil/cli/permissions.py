"""What each command needs, as a table: in `help permissions`, and in the reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

COLUMNS: Final = ("command", "scopes", "scopes_for_others", "surfaces", "credentials")


def permissions() -> Iterator[dict[str, Any]]:
    """Yield what every command needs that asks a server for what not everybody may.

    Of several calls the scopes and surfaces add up; the credentials are those of the one that
    matters. Of one's own, nothing of `scopes_for_others` is needed.
    """
    from counterfoil.cli.needs import ASKS, needs_of

    for command in ASKS:
        needs = needs_of(command)
        yield {
            "command": command,
            "scopes": _named(needs, "scope"),
            "scopes_for_others": _named(needs, "scope_for_others"),
            "surfaces": _named(needs, "surface"),
            "credentials": needs[0]["credentials"],
        }


def _named(needs: list[dict[str, Any]], member: str) -> list[str]:
    return sorted({need[member] for need in needs if need[member]})
