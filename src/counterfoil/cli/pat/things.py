"""Where one's own personal tokens stand."""

from __future__ import annotations

from typing import Final

from counterfoil.cli.talking.things import Things
from counterfoil.kernel.ids import Prefix

PERSONAL: Final = Things(
    "/cma/personal_access_tokens",
    "personal_access_token",
    Prefix.TOKEN,
    "personal token",
    "counterfoil pat list",
)
