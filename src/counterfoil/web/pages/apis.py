"""Registered APIs: the scopes that each brings along, and to who manages them what gates do."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from babel.dates import format_timedelta

from counterfoil.access.scope import Scope
from counterfoil.directory.declare_routes import show_routes
from counterfoil.directory.show import list_apis, show_api
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import ApiId, Prefix
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit

PATH: Final = "/apis"
_TITLE: Final = N_("Registered APIs")


def show(visit: Visit) -> Answer:
    """List the APIs, which every member may know."""
    with visit.read() as work:
        found = list_apis(work)
    return visit.show("apis", apis=found)


def look(visit: Visit) -> Answer:
    """Show an API with its scopes; its routes and its grace to who manages APIs."""
    id_ = ApiId(ids.read(Prefix.API, visit.asked.params["id"]))
    with visit.read() as work:
        api = show_api(work, id_)
    table = None
    if visit.caller.grant.scopes & Scope.APIS_MANAGE.bit:
        with visit.read() as work:
            table = show_routes(work, id_)
    return visit.show(
        "api",
        title=api.name,
        api=api,
        table=table,
        grace=_spelled(visit, table.grace_seconds) if table else "",
    )


def _spelled(visit: Visit, seconds: int) -> str:
    """Return a grace in words; empty for none."""
    if not seconds:
        return ""
    return format_timedelta(timedelta(seconds=seconds), threshold=2, locale=visit.language)


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
        also=("api.show_routes",),
        parts=(id_in("id", "The API.", Prefix.API),),
    ),
)
