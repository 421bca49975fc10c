"""Amplience's management API at `/amplience/v2/content`, and its token endpoint (A9, A14, A15)."""

from __future__ import annotations

from typing import Final

from counterfoil.dialects.amplience import hubs, schemas, tokens

ROUTES: Final = (*hubs.ROUTES, *schemas.ROUTES, *tokens.ROUTES)

__all__ = ["ROUTES"]
