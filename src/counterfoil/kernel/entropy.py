"""Chance is an argument: nothing outside this module throws dice."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final, TypeAlias

Entropy: TypeAlias = Callable[[int], bytes]
"""Given a number of bytes, returns that many unpredictable ones."""

system_entropy: Final[Entropy] = secrets.token_bytes
