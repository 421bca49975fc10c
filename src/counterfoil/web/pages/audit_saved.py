"""Filters of the audit log that a person keeps under names, and removes again."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.save_query import forget_query, save_query
from counterfoil.jsonapi.route import Answer
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages import audit
from counterfoil.web.views.audit_filter import (
    FILTERS,
    PATH,
    QUERIES,
    address_of,
    asks_in,
    sought_in,
    without_blanks,
)


def keep(visit: Visit) -> Answer:
    """Keep what the address filters by under the name that was typed."""
    query = without_blanks(visit.asked).query
    sought_in(query)  # what cannot be asked is not kept
    asks = asks_in(query)
    with visit.work() as work:
        save_query(work, visit.form.text("name"), asks)
    return visit.go(address_of(asks), Notice(visit.say("The filter is saved.")))


def forget(visit: Visit) -> Answer:
    """Keep a filter no more."""
    with visit.work() as work:
        forget_query(work, visit.form.text("query"))
    return visit.go(PATH, Notice(visit.say("The filter is removed.")))


_TITLE: Final = N_("Audit log")

PAGES: Final = (
    Page(
        "POST",
        QUERIES,
        keep,
        _TITLE,
        operation="audit.save_query",
        also=("audit.list",),
        query=FILTERS,
        form=audit.show,
    ),
    Page("POST", f"{QUERIES}/forget", forget, _TITLE, operation="audit.forget_query"),
)
