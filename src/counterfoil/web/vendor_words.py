"""What the users of a vendor call an API token: shown under that vendor's preset (K14)."""

from __future__ import annotations

from typing import Final

from counterfoil.web.language import N_

_CALLED: Final = {"datocms": N_("Access token"), "dx": N_("Web API token")}


def api_token(preset: str) -> str:
    """Return what an API token is called under a preset, still to be said in one's language."""
    return _CALLED.get(preset, N_("Content API Token"))
