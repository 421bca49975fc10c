"""GraphQL: where it is asked, the schema as one sees it oneself, and a query that is run.

A query runs as the person, through the same engine as `/graphql`; it changes nothing.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.graphql.engine import Asking, answer
from counterfoil.content.graphql.explore import first_query, schema_for, written
from counterfoil.jsonapi.parameter import one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid
from counterfoil.signin.doors.address import base
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit

PATH: Final = "/graphql-console"
_TITLE: Final = N_("GraphQL")
_PREVIEW: Final = str(Surface.PREVIEW)
_SURFACE: Final = one_of(
    "surface",
    "Whether published content is asked for, or drafts.",
    (str(Surface.DELIVERY), _PREVIEW),
)


def show(visit: Visit) -> Answer:
    """Show the form, with a query to begin with."""
    return _shown(visit, visit.asked.query.text("surface") or "", None)


def run(visit: Visit) -> Answer:
    """Run a query as the person, and show what it answers."""
    form = visit.form
    variables = _variables(form.text("variables"))
    asking = Asking(query=form.text("query"), variables=variables)
    with visit.read() as work:
        said = answer(work, _surface(form.text("surface")), asking)
    return _shown(visit, form.text("surface"), said)


def again(visit: Visit) -> Answer:
    """Show the form with what was typed and what is wrong with it."""
    return _shown(visit, visit.form.text("surface"), None)


def _shown(visit: Visit, named: str, said: dict[str, Any] | None) -> Answer:
    surface = _surface(named)
    schema, query, refused = "", "", ""
    try:
        with visit.read() as work:
            built = schema_for(work, surface)
        schema, query = written(built), first_query(built)
    except CounterfoilError as error:
        refused = visit.explain(error)
    return visit.show(
        "graphql",
        surface=str(surface),
        schema=schema,
        query=query,
        refused=refused,
        said=None if said is None else json.dumps(said, indent=2, ensure_ascii=False),
        wrong=bool(said and said.get("errors")),
        address=base(visit.asked),
    )


def _surface(named: str) -> Surface:
    return Surface.PREVIEW if named == _PREVIEW else Surface.DELIVERY


def _variables(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        message = "The variables are one JSON object, such as {}."
        raise Invalid(Code.INVALID_FIELD, message, field="/variables") from None


_ALSO: Final = ("preview.models", "delivery.list", "delivery.show", "preview.list", "preview.show")

PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="delivery.models",
        also=("preview.models",),
        query=(_SURFACE,),
        nav=Nav(shell.DEVELOPMENT, _TITLE, "graph", 30, needs=Scope.CONTENT_READ),
    ),
    Page("POST", PATH, run, _TITLE, operation="delivery.models", also=_ALSO, form=again),
)
