"""Agility's management API at `/agility`: tokens, items, and a GET that publishes (G1, G3, G9)."""

from __future__ import annotations

from typing import Final

from counterfoil.dialects.agility import instance, people, tokens

ROUTES: Final = (*people.ROUTES, *tokens.ROUTES, *instance.ROUTES)

__all__ = ["ROUTES"]
