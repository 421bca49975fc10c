"""The gate in front of a Flask application: an extension, and a decorator for views.

    Counterfoil(app, api="api_…")

Behind it, `g.counterfoil` is a `Visitor`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, Unpack, cast

from flask import Flask, Response, g, request

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.middleware.door import KEY, Answer, Door, Options
from counterfoil.middleware.need import Need
from counterfoil.middleware.wsgi import target_of

View = TypeVar("View", bound=Callable[..., Any])

_MORE: Final = "_counterfoil_headers"


class Counterfoil:
    """Lets in whoever may.

    Args:
        app: the application; None if `init_app` says it later.
        api: the id of the API that it is.
        options: see `Options`.
    """

    def __init__(self, app: Flask | None = None, *, api: str, **options: Unpack[Options]) -> None:
        self._door = Door(api, **options)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Stand before an application: before whatever else it does with a request."""
        app.extensions[KEY] = self
        app.before_request_funcs.setdefault(None, []).insert(0, self._admit)
        app.after_request(_with)
        app.register_error_handler(CounterfoilError, self._answer)

    def _admit(self) -> Response | None:
        environ = request.environ
        self._door.wait(environ)
        outcome = self._door.ask(environ, environ["REQUEST_METHOD"], target_of(environ))
        if outcome.refusal is not None:
            return _response(outcome.refusal)
        setattr(g, KEY, outcome.visitor)
        setattr(g, _MORE, outcome.headers)
        return None

    def _answer(self, error: CounterfoilError) -> Response:
        return _response(self._door.refusal(error, []))


def require(scope: str, *, node: str = "") -> Callable[[View], View]:
    """Return a decorator that lets nobody into a view who does not hold a scope.

    It stands below the line that gives the view its address.

    Args:
        scope: one of the API's own.
        node: where, by the parameters of the address and the query: `{order}`, `{?parent}`, or
            `any`. By default nowhere in particular, which is for tokens alone that no root bounds.
    """
    need = Need(scope, node)

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(*args: Any, **parameters: Any) -> Any:  # noqa: ANN401 - the view's own
            query = request.query_string.decode("latin-1")
            need.of(getattr(g, KEY), request.view_args or {}, query)
            return view(*args, **parameters)

        return cast("View", asked)

    return decorate


def _response(refusal: Answer) -> Response:
    status, headers, body = refusal
    return Response(body, status, headers)


def _with(response: Response) -> Response:
    for name, value in g.get(_MORE, ()):
        response.headers[name] = value
    return response
