"""Registered APIs: their scopes; to who manages them, what gates do, and how one is put there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from babel.dates import format_timedelta

from counterfoil.access.scope import Scope
from counterfoil.directory.declare_routes import show_routes
from counterfoil.directory.show import list_apis, show_api
from counterfoil.directory.sync_resources import list_resources
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import ApiId, Prefix
from counterfoil.kernel.page import Wanted
from counterfoil.signin.doors.address import base
from counterfoil.web import shell
from counterfoil.web.form import NOTHING
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.in_front import in_front, place_of, target_of, usual_target

PATH: Final = "/apis"
_TITLE: Final = N_("Registered APIs")
_FEW: Final = 5
_STARTER: Final = """\
apis:
  - name: Pages
    audience: https://pages.example.com
    scopes:
      - name: pages:read
        description: Read pages
    routes:
      - methods: [GET]
        path: /pages
        scope: pages:read
      - methods: [GET]
        path: /pages/{page}
        scope: pages:read
        node: "{page}"
"""
"""What one begins from who registers an API: for `counterfoil apply`."""


def show(visit: Visit) -> Answer:
    """List the APIs, which every member may know."""
    with visit.read() as work:
        found = list_apis(work)
    manages = bool(visit.caller.grant.scopes & Scope.APIS_MANAGE.bit)
    return visit.show("apis", apis=found, manages=manages, starter=_STARTER)


def look(visit: Visit) -> Answer:
    """Show an API with its scopes; its routes and its grace to who manages APIs.

    What is pasted is filled in with what the form says, if one was sent. Nothing of it is kept.
    """
    id_ = ApiId(ids.read(Prefix.API, visit.asked.params["id"]))
    with visit.read() as work:
        api = show_api(work, id_)
    table, gate = None, None
    if visit.caller.grant.scopes & Scope.APIS_MANAGE.bit:
        with visit.read() as work:
            table = show_routes(work, id_)
        with visit.read() as work:
            found = list_resources(work, id_, Wanted(_FEW)).items
        form = NOTHING if visit.form.errors else visit.form
        target = target_of(form, usual_target(table, found))
        gate = in_front(place_of(form, api), api, table, target, base(visit.asked))
    return visit.show(
        "api",
        title=api.name,
        api=api,
        table=table,
        gate=gate,
        grace=_spelled(visit, table.grace_seconds) if table else "",
    )


def _spelled(visit: Visit, seconds: int) -> str:
    """Return a grace in words; empty for none."""
    if not seconds:
        return ""
    return format_timedelta(timedelta(seconds=seconds), threshold=2, locale=visit.language)


_PARTS: Final = (id_in("id", "The API.", Prefix.API),)
_ALSO: Final = ("api.show_routes", "api.list_resources")

PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="api.list",
        nav=Nav(shell.DEVELOPMENT, _TITLE, "server", 45, needs=Scope.APIS_MANAGE),
    ),
    Page(
        "GET",
        f"{PATH}/{{id}}",
        look,
        _TITLE,
        operation="api.show",
        also=_ALSO,
        parts=_PARTS,
    ),
    Page(
        "POST",
        f"{PATH}/{{id}}",
        look,
        _TITLE,
        operation="api.show",
        also=_ALSO,
        parts=_PARTS,
        form=look,
    ),
)
