"""DX's Web API at `/dx`: an address for each method of an API that somebody registered (X12)."""

from __future__ import annotations

from typing import Final

from counterfoil.dialects.dx import catalog, myself

ROUTES: Final = (*myself.ROUTES, *catalog.ROUTES)

__all__ = ["ROUTES"]
