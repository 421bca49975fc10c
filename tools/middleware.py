"""The reference of the middleware, from what it can be told and what a visitor tells."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Final

from counterfoil.middleware import wsgi
from counterfoil.middleware.door import Door, Options
from counterfoil.middleware.visitor import Visitor
from tools.manual import HEAD

LINES: Final = {
    "any ASGI application": 'counterfoil.middleware.asgi.CounterfoilMiddleware(app, api="api_…")',
    "any WSGI application": f'{wsgi.__name__}.CounterfoilMiddleware(app, api="api_…")',
    "Django": "counterfoil.middleware.django.CounterfoilMiddleware",
    "Django, in its settings": 'COUNTERFOIL = {"api": "api_…"}',
    "Flask": 'counterfoil.middleware.flask.Counterfoil(app, api="api_…")',
    "FastAPI, besides": 'counterfoil.middleware.fastapi.require(scope, node="")',
    "any of them, to [record](../how-to/record-an-api.md#without-a-proxy) what it is asked": (
        'CounterfoilRecorder(app, api="api_…", record="…") of the modules for ASGI and WSGI'
    ),
    "Django and Flask, besides": '@require(scope, node="") of the same module',
}

_ATTRIBUTES: Final = re.compile(r"Attributes:\n(.*)", re.DOTALL)
_ITEM: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


class UndescribedError(Exception):
    """Something that can be told is not described."""


def middleware_page() -> str:
    """Return what the middleware can be told, and what a visitor tells."""
    return "\n".join([
        HEAD + "# The middleware\n",
        "One line for each framework; how they are used is told",
        "[step by step](../how-to/put-the-gate-inside.md).\n",
        "| before | stands |",
        "|---|---|",
        *(f"| {name} | `{line}` |" for name, line in LINES.items()),
        "\n## What it can be told\n",
        "`api` is the id of the registered API, and the one thing that must be said.\n",
        "| option | by default | |",
        "|---|---|---|",
        *_options(),
        "\n## What a visitor tells\n",
        'It stands in `scope["counterfoil"]`, `environ["counterfoil"]`, `request.counterfoil`',
        "(Django) and `g.counterfoil` (Flask), and is false where nobody presented a token.\n",
        "| visitor | |",
        "|---|---|",
        *_visitor(),
    ]) + "\n"  # fmt: skip


def _options() -> Iterator[str]:
    said = _ATTRIBUTES.search(inspect.getdoc(Options) or "")
    told = dict(_ITEM.findall(said[1])) if said else {}
    taken = inspect.signature(Door).parameters
    for name in Options.__annotations__:
        if name not in told or name not in taken:
            raise UndescribedError(name)
        default = taken[name].default
        yield f"| `{name}` | `{default!r}` | {' '.join(told[name].split())} |"


def _visitor() -> Iterator[str]:
    for name, member in vars(Visitor).items():
        if isinstance(member, property):
            yield f"| `visitor.{name}` | {_first(member)} |"
        elif name in {"require", "may"}:
            yield f"| `visitor.{name}(scope, node=None)` | {_first(member)} |"


def _first(member: object) -> str:
    return (inspect.getdoc(member) or "").partition("\n\n")[0].replace("\n", " ")
