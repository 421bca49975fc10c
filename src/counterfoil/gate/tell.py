"""Telling what was found on the way to a decision, check by check, to whoever asks why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from counterfoil.access.conditions import Conditions
from counterfoil.gate.registrar import Standing
from counterfoil.kernel.clock import spell_instant

Tell: TypeAlias = Callable[[str, str], object]
"""Is told each check that held: its name, and what it found."""


def unheard(_name: str, _found: str) -> None:
    """Tell nobody."""


def tell_standing(found: Standing, now: float, address: str, tell: Tell) -> None:
    """Tell that a credential is in force, and then each condition of it.

    Args:
        found: who presents it, from wherever they come.
        now: Unix seconds.
        address: from where they come.
        tell: is told.

    Raises:
        Denied: as `Met.require` says.
    """
    caller, _, met = found
    tell("credential", "in force")
    begins = caller.grant.conditions.not_before
    if begins is not None:
        tell("not_before", f"works since {spell_instant(begins)}")
    if met is None:
        return
    met.require(now, address)
    if isinstance(met, Conditions) and met.networks is not None:
        tell("networks", f"{address} is in one of them")
