"""Where key-and-secret pairs stand. The key is the id, in digits."""

from __future__ import annotations

from typing import Final

from counterfoil.cli.talking.things import Things
from counterfoil.kernel.ids import Prefix

PAIRS: Final = Things(
    "/cma/key_pairs", "key_pair", Prefix.TOKEN, "key-and-secret pair", "counterfoil key-pair list"
)
COLUMNS: Final = (
    "id name token_hint enabled role user scopes roots surfaces expires_at last_used_at"
)
