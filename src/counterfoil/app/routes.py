"""Every door of the house, in one table. A door that is not here is not served."""

from __future__ import annotations

from typing import Final

from counterfoil import web
from counterfoil.content.doors import (
    assets,
    bulk,
    delivery,
    files,
    item_types,
    items,
    locales,
    locks,
    nodes,
    schedule,
    trash,
    versions,
)
from counterfoil.content.graphql import assets as graphql_assets
from counterfoil.content.graphql import doors as graphql
from counterfoil.dialects import agility, amplience, datocms, dx, squiz
from counterfoil.directory.doors import (
    apis,
    audit_events,
    audit_proofs,
    audit_refusals,
    policy,
    roles,
    routes,
    users,
)
from counterfoil.jsonapi import errors_page
from counterfoil.jsonapi.route import Route
from counterfoil.manual import doors as manual
from counterfoil.notices.doors import notices
from counterfoil.signin.doors import (
    accounts,
    browser,
    browser_password,
    device,
    discovery,
    introspection,
    invitations,
    oauth,
    people,
    sessions,
)
from counterfoil.tokens.doors import (
    access_tokens,
    agents,
    api_tokens,
    asset_tree,
    current,
    hand_over,
    key_pairs,
    leaks,
    leaks_signed,
    personal_tokens,
    policy_impact,
    previews,
    requests,
    revocation,
    usage,
    who_can,
)
from counterfoil.tokens.doors import locks as api_token_locks
from counterfoil.webhooks.doors import webhooks

DOORS: Final = (
    errors_page,
    manual,
    users,
    people,
    accounts,
    previews,
    who_can,
    sessions,
    roles,
    apis,
    routes,
    invitations,
    policy,
    policy_impact,
    revocation,
    audit_events,
    audit_proofs,
    audit_refusals,
    personal_tokens,
    usage,
    requests,
    hand_over,
    leaks,
    leaks_signed,
    notices,
    api_tokens,
    key_pairs,
    webhooks,
    access_tokens,
    current,
    agents,
    asset_tree,
    items,
    nodes,
    item_types,
    assets,
    locales,
    versions,
    bulk,
    schedule,
    locks,
    trash,
    api_token_locks,
    delivery,
    files,
    graphql,
    graphql_assets,
    browser,
    browser_password,
    oauth,
    discovery,
    introspection,
    device,
    agility,
    amplience,
    datocms,
    dx,
    squiz,
)

_PAGES: Final = frozenset((page.method, page.path) for page in web.ROUTES)

ROUTES: Final[tuple[Route, ...]] = (
    *(
        route
        for door in DOORS
        for route in door.ROUTES
        if (route.method, route.path) not in _PAGES  # the page there leads programs to their door
    ),
    *web.ROUTES,
)

PROGRAMS: Final = tuple(route for route in ROUTES if not route.page)
"""What is there for programs: all but the pages."""
