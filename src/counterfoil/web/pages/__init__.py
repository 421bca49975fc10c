"""Every page, in one table: a file here, with its template beside it.

The lines are in the order of the left bar.
"""

from __future__ import annotations

from typing import Final

from counterfoil.web.page import Page
from counterfoil.web.pages import (
    again,
    api_manager,
    api_token,
    api_token_new,
    apis,
    approval,
    approvals,
    audit,
    audit_saved,
    begin,
    choices,
    content,
    device,
    enter,
    graphql,
    home,
    invitations,
    key_pairs,
    leaks,
    live,
    notices,
    nowhere,
    openid,
    passkeys,
    password,
    people,
    person,
    person_new,
    person_stop,
    policy,
    reference,
    role,
    role_stop,
    roles,
    roles_and_permissions,
    search,
    second_factor,
    security,
    settings,
    setup,
    signin,
    signout,
    token,
    token_calendar,
    token_edit,
    token_export,
    token_new,
    token_renew,
    token_request,
    token_stop,
    token_trail,
    token_usage,
    tokens,
    tokens_stop,
    webhooks,
    who_can,
)

FILES: Final = (
    home,
    # Content
    content,
    # Development
    tokens,
    token_calendar,
    token_export,
    token_new,
    token,
    key_pairs,
    token_usage,
    token_edit,
    token_request,
    token_trail,
    token_renew,
    token_stop,
    tokens_stop,
    graphql,
    reference,
    apis,
    # System Management
    api_manager,
    api_token_new,
    api_token,
    # Account Management
    approvals,
    approval,
    people,
    person_new,
    person,
    person_stop,
    policy,
    roles,
    role,
    role_stop,
    roles_and_permissions,
    webhooks,
    who_can,
    audit,
    audit_saved,
    # Top
    search,
    second_factor,
    leaks,
    # Avatar
    invitations,
    notices,
    settings,
    security,
    passkeys,
    # Coming in and going out
    enter,
    signin,
    openid,
    begin,
    setup,
    password,
    signout,
    again,
    device,
    choices,
    live,
)

PAGES: Final[tuple[Page, ...]] = tuple(page for file in FILES for page in file.PAGES)

NOWHERE: Final = nowhere.PAGE
"""What is shown at every other address."""
