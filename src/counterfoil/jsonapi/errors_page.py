"""The page that every failure points at: what each code means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Final

from counterfoil.jsonapi.fault import REFERENCE, status_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import MEANING

_HTML: Final = "text/html; charset=utf-8"
_CODE: Final = re.compile("`([^`]+)`")


def told(_asked: Asked) -> Answer:
    """Answer GET /docs/reference/errors."""
    return Answer(200, page(), {"Content-Type": _HTML})


@cache
def page() -> bytes:
    """Return the page, in which each code is an anchor."""
    head = "<!doctype html><title>Errors</title><h1>Errors</h1><dl>"
    return "".join((head, *_lines(), "</dl>")).encode()


def _lines() -> Iterator[str]:
    for codes in MEANING.values():
        for code, meaning in codes.items():
            said = _CODE.sub(r"<code>\1</code>", escape(meaning))
            yield f'<dt id="{code}">{code}, {status_of(code)}</dt><dd>{said}</dd>'


ROUTES: Final = (
    Route(
        "GET",
        REFERENCE,
        told,
        "",
        "What each code of a failure means",
        gives={200: str},
        media=_HTML,
        open=True,
        section="Server",
    ),
)
