"""Dependencies for FastAPI, beside the middleware of `counterfoil.middleware.asgi`.

app.add_middleware(CounterfoilMiddleware, api="api_…", routes=False)

@app.get("/orders/{order}")
async def order(order: str, visitor: Visitor = Depends(require("orders:read", node="{order}"))):
    ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import HTTPConnection

from counterfoil.middleware.door import KEY
from counterfoil.middleware.need import Need
from counterfoil.middleware.visitor import Visitor

_UNGUARDED: Final = (
    "no gate stands before this application: app.add_middleware(CounterfoilMiddleware, …)"
)


def require(scope: str, *, node: str = "") -> Callable[[HTTPConnection], Awaitable[Visitor]]:
    """Return a dependency that finds the visitor, if they hold a scope.

    Args:
        scope: one of the API's own.
        node: where, by the parameters of the path and the query: `{order}`, `{?parent}`, or `any`.
            By default nowhere in particular, which is for tokens alone that no root bounds.
    """
    need = Need(scope, node)

    async def required(connection: HTTPConnection) -> Visitor:
        visitor = connection.scope.get(KEY)
        if not isinstance(visitor, Visitor):
            raise RuntimeError(_UNGUARDED)  # noqa: TRY004 - the application is wrong, not a type
        query = connection.scope["query_string"].decode("latin-1")
        need.of(visitor, connection.path_params, query)
        return visitor

    return required
