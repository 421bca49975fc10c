"""DatoCMS's management API at `/datocms`: the house's own token doors once more, and content.

Its way of failing stands in `jsonapi/datocms.py`, since `/cma` speaks it too.
"""

from __future__ import annotations

from typing import Final

from counterfoil.dialects.datocms import (
    bulk,
    delivery,
    items,
    schedules,
    site,
    trail,
    uploads,
    versions,
)
from counterfoil.directory.doors import roles
from counterfoil.tokens.doors import access_tokens

_PREFIX: Final = "/datocms"

ROUTES: Final = (
    *access_tokens.mounted(_PREFIX),
    *roles.mounted(_PREFIX),
    *items.ROUTES,
    *schedules.ROUTES,
    *versions.ROUTES,
    *bulk.ROUTES,
    *uploads.ROUTES,
    *delivery.ROUTES,
    *site.ROUTES,
    *trail.ROUTES,
)

__all__ = ["ROUTES"]
