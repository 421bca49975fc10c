"""Whether a token ends soon, by its own measure: one for a week is not late on its first day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from counterfoil.kernel.clock import system_clock

if TYPE_CHECKING:
    from counterfoil.client.model import Whoami

_SOON: Final = timedelta(days=14)
_LAST_PART: Final = 3
"""It is late in its life when less than one part in so many is left."""


def left_of(who: Whoami) -> timedelta | None:
    """Return how long a token that ends soon goes on; None for any other credential."""
    if who.expires_at is None or who.kind not in {"personal", "service"}:
        return None
    ends = datetime.fromisoformat(who.expires_at)
    left = ends - system_clock()
    began = who.source["attributes"].get("created_at")
    late = began is None or left * _LAST_PART < ends - datetime.fromisoformat(began)
    return max(left, timedelta()) if left < _SOON and late else None
