"""Squiz Matrix's content API at `/__api`: it reads, and nothing else (Q12, Q15, Q16).

The vendor has published no sub-paths; those here are ours (CONTRACT: dialects).
"""

from __future__ import annotations

from counterfoil.dialects.squiz.assets import ROUTES

__all__ = ["ROUTES"]
