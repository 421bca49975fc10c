"""Amplience's management API at `/amplience/v2/content`, and its token endpoint (A9, A14, A15)."""

from __future__ import annotations

from typing import Final

from counterfoil.dialects.amplience import hubs, schemas

ROUTES: Final = (*hubs.ROUTES, *schemas.ROUTES)

__all__ = ["ROUTES"]
