"""DatoCMS's management API at `/datocms`: the house's own token doors once more, and content.

Its way of failing stands in `jsonapi/datocms.py`, since `/cma` speaks it too.
"""

from __future__ import annotations

from typing import Final

from counterfoil.dialects.datocms import delivery, items, site, trail, uploads
from counterfoil.directory import management_roles
from counterfoil.tokens import management_access_tokens

_PREFIX: Final = "/datocms"

ROUTES: Final = (
    *management_access_tokens.mounted(_PREFIX),
    *management_roles.mounted(_PREFIX),
    *items.ROUTES,
    *uploads.ROUTES,
    *delivery.ROUTES,
    *site.ROUTES,
    *trail.ROUTES,
)

__all__ = ["ROUTES"]
