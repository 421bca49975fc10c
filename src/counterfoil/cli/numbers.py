"""Numbers on the command line: written in digits, within bounds, and never NaN or endless."""

from __future__ import annotations

import math
import re
from typing import Final

import click

LARGEST: Final = 2**53 - 1
"""The largest whole number that every program reads alike."""
DAY_S: Final = 86_400.0

_WHOLE: Final = re.compile(r"-?[0-9]{1,16}")
_NUMBER: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,16})?")


class Whole(click.IntRange):
    """A whole number: `int` alone would also read `1_0` and digits of other scripts."""

    def __init__(self, lowest: int = 0, highest: int = LARGEST) -> None:
        super().__init__(lowest, highest)

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return it, or fail as click does."""
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if not isinstance(value, int):
            self.fail(f"{str(value)[:40]!r} is not a whole number.", param, ctx)
        return super().convert(value, param, ctx)


class Seconds(click.FloatRange):
    """So many seconds, with or without a fraction: `float` alone would also read `nan`, `inf`."""

    def __init__(self, lowest: float = 0.0, highest: float = 366 * DAY_S) -> None:
        super().__init__(lowest, highest)

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Return it, or fail as click does."""
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value)
        if not isinstance(value, int | float) or not math.isfinite(value):
            self.fail(f"{str(value)[:40]!r} is not a number of seconds.", param, ctx)
        return super().convert(value, param, ctx)
