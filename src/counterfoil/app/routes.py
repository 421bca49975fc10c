"""Every door of the house, in one table. A door that is not here is not served."""

from __future__ import annotations

from typing import Final

from counterfoil.content import management as content_management
from counterfoil.directory import management as directory_management
from counterfoil.directory import management_audit, management_policy, management_roles
from counterfoil.jsonapi.route import Route
from counterfoil.signin import browser, oauth

ROUTES: Final[tuple[Route, ...]] = (
    *content_management.ROUTES,
    *directory_management.ROUTES,
    *management_audit.ROUTES,
    *management_policy.ROUTES,
    *management_roles.ROUTES,
    *browser.ROUTES,
    *oauth.ROUTES,
)
