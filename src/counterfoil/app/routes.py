"""Every door of the house, in one table. A door that is not here is not served."""

from __future__ import annotations

from typing import Final

from counterfoil.content import (
    delivery,
    delivery_files,
    graphql,
    graphql_assets,
    management_assets,
    management_nodes,
    management_types,
    management_versions,
)
from counterfoil.content import management as management_content
from counterfoil.dialects import agility, amplience, datocms, dx, squiz
from counterfoil.directory import management as management_users
from counterfoil.directory import (
    management_apis,
    management_audit,
    management_invitations,
    management_policy,
    management_roles,
)
from counterfoil.jsonapi.route import Route
from counterfoil.signin import browser, browser_password, oauth
from counterfoil.signin import management as management_people
from counterfoil.tokens import management as management_tokens
from counterfoil.tokens import (
    management_access_tokens,
    management_api_tokens,
    management_requests,
    management_self,
    management_tree,
)

DOORS: Final = (
    management_users,
    management_people,
    management_roles,
    management_apis,
    management_invitations,
    management_policy,
    management_audit,
    management_tokens,
    management_requests,
    management_api_tokens,
    management_access_tokens,
    management_self,
    management_tree,
    management_content,
    management_nodes,
    management_types,
    management_assets,
    management_versions,
    delivery,
    delivery_files,
    graphql,
    graphql_assets,
    browser,
    browser_password,
    oauth,
    agility,
    amplience,
    datocms,
    dx,
    squiz,
)

ROUTES: Final[tuple[Route, ...]] = tuple(route for door in DOORS for route in door.ROUTES)
