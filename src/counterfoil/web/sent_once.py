"""A form that makes something is sent once: whoever sends it again is led to what it made.

It carries a key of its own, which counts as an Idempotency-Key does; what was made is not in what
is kept for the key, but its id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from counterfoil.jsonapi.idempotency import once
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.operation import Work
from counterfoil.web.page import Visit

FIELD = "once"
Made = TypeVar("Made")


def key_of(visit: Visit) -> str:
    """Return the key that the form carries: the one that it had, or a new one."""
    return visit.form.text(FIELD) or visit.asked.office.entropy(16).hex()


def made_once(
    visit: Visit, make: Callable[[Work], Made], id_of: Callable[[Made], int]
) -> Made | str:
    """Return what a form makes, or the id of what it made if it was sent before."""
    made: list[Made] = []

    def keep(asked: Asked) -> int:
        with asked.work() as work:
            made.append(make(work))
        return id_of(made[0])

    before = sent_once(visit, keep)
    return made[0] if before is None else before


def sent_once(visit: Visit, make: Callable[[Asked], int]) -> str | None:
    """Let a form make something; return the id of what it made if it was sent before.

    Args:
        visit: of the form.
        make: makes it in one `asked.work()`, and returns its id.
    """
    page, key = visit.page, visit.form.text(FIELD)
    fresh: list[int] = []

    def handle(asked: Asked) -> Answer:
        fresh.append(make(asked))
        return Answer(201, {"id": str(fresh[0])})

    headers = {**visit.asked.headers, **({"idempotency-key": key} if key else {})}
    route = Route(page.method, page.path, handle, page.operation, page.title)
    body = once(route, replace(visit.asked, headers=headers), page.path).body
    return None if fresh or not isinstance(body, dict) else str(body["id"])
