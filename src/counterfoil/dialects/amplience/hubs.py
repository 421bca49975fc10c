"""Hubs: an organization is one, and its links are what the caller may do there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.dialects.amplience.shape import Hub, Page
from counterfoil.dialects.amplience.voice import (
    AMPLIENCE,
    BASE,
    PAGE,
    PAGED,
    link,
    may,
    paged,
    place,
)
from counterfoil.directory import Organization
from counterfoil.directory.show import list_organizations
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.signin.doors import oauth

_route = partial(Route, dialect=AMPLIENCE, section="Amplience hubs")


HUB: Final = id_in("id", "The hub: an organization.", Prefix.ORGANIZATION)


def hub(asked: Asked) -> OrganizationId:
    """Return the organization that the address names: where the caller does not act is unknown."""
    if ids.read(Prefix.ORGANIZATION, asked.params["id"]) != asked.caller.organization:
        raise NotFound
    return asked.caller.organization


def listed(asked: Asked) -> Answer:
    """Answer GET /hubs."""
    number, size = place(asked)
    with asked.read() as work:
        every = list_organizations(work, asked.speaks_in)
        places = [one.organization for one in every if not one.barred]
        shown = places[number * size : (number + 1) * size]
        found = [_show(asked.at(one.id), one) for one in shown]
    return Answer(200, paged(asked, "/hubs", "hubs", found, len(places)))


def found(asked: Asked) -> Answer:
    """Answer GET /hubs/{id}."""
    id_ = hub(asked)
    with asked.read() as work:
        every = [one.organization for one in list_organizations(work)]
        one = next(one for one in every if one.id == id_)
    return Answer(200, _show(asked, one))


def _show(asked: Asked, one: Organization) -> Hub:
    here = f"/hubs/{one.id}"
    links = {"self": link(asked, here)}
    if may(asked, Scope.CONTENT_TYPES_READ):
        schemas = "{?page,size,sort,status}"
        links["list-content-type-schemas"] = link(asked, f"{here}/content-type-schemas{schemas}")
        links["content-types"] = link(asked, f"{here}/content-types{PAGE}")
    if may(asked, Scope.CONTENT_TYPES_WRITE):
        links["create-content-type-schema"] = link(asked, f"{here}/content-type-schemas")
    return Hub(
        id=str(one.id),
        name=one.name,
        label=one.name,
        description=None,
        status="ACTIVE",
        created_date=one.created_at,
        last_modified_date=one.created_at,
        settings={
            "publishing": {"platforms": {}},
            "devices": [],
            "applications": [],
            "localization": {"locales": []},
        },
        links=links,
    )


_OAUTH_TOKEN: Final = next(route for route in oauth.ROUTES if route.path == "/oauth/token")

ROUTES: Final = (
    _route(
        "GET",
        f"{BASE}/hubs",
        listed,
        "organization.list",
        "List the hubs of the caller",
        gives={200: Page[Hub]},
        query=PAGED,
    ),
    _route(
        "GET",
        f"{BASE}/hubs/{{id}}",
        found,
        "organization.list",
        "Show a hub, with links to what the caller may do there",
        gives={200: Hub},
        parts=(HUB,),
        place="id",
    ),
    replace(
        _OAUTH_TOKEN,
        path="/amplience/auth/oauth/token",
        summary="Obtain a token for a key and secret, as `/oauth/token` does",
        section="Amplience hubs",
    ),
)
