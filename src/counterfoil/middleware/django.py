"""The gate in front of a Django project: a middleware, and a decorator for views.

    MIDDLEWARE = ["counterfoil.middleware.django.CounterfoilMiddleware", ...]
    COUNTERFOIL = {"api": "api_…", "data_dir": "/srv/counterfoil"}

Behind it, `request.counterfoil` is a `Visitor`. It is for synchronous and asynchronous projects.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from counterfoil.gateway.refusal import Headers
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.middleware.asgi import target_of
from counterfoil.middleware.door import KEY, Answer, Door, Outcome, target
from counterfoil.middleware.need import Need

View = TypeVar("View", bound=Callable[..., Any])


class CounterfoilMiddleware:
    """Lets in whoever may, as `settings.COUNTERFOIL` says: `api`, and what `Options` has."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._door = Door(**settings.COUNTERFOIL)
        self._awaits = iscoroutinefunction(get_response)
        if self._awaits:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Serve one request."""
        if self._awaits:
            return self._awaited(request)
        self._door.wait(request.META)
        outcome = self._asked(request)
        if outcome.refusal is not None:
            return _response(outcome.refusal)
        return _with(self._get_response(request), outcome.headers)

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal that a view let pass; everything else is Django's."""
        if not isinstance(error, CounterfoilError):
            return None
        return _response(self._door.refusal(error, []))

    async def _awaited(self, request: HttpRequest) -> HttpResponse:
        await self._door.wait_on_loop(request.META)
        outcome = self._asked(request)
        if outcome.refusal is not None:
            return _response(outcome.refusal)
        return _with(await self._get_response(request), outcome.headers)

    def _asked(self, request: HttpRequest) -> Outcome:
        outcome = self._door.ask(request.META, request.method or "", _target_of(request))
        setattr(request, KEY, outcome.visitor)
        return outcome


def require(scope: str, *, node: str = "") -> Callable[[View], View]:
    """Return a decorator that lets nobody into a view who does not hold a scope.

    Args:
        scope: one of the API's own.
        node: where, by the parameters of the address and the query: `{order}`, `{?parent}`, or
            `any`. By default nowhere in particular, which is for tokens alone that no root bounds.
    """
    need = Need(scope, node)

    def decorate(view: View) -> View:
        def ask(request: HttpRequest, parameters: dict[str, Any]) -> None:
            visitor = getattr(request, KEY)
            need.of(visitor, parameters, request.META.get("QUERY_STRING", ""))

        if iscoroutinefunction(view):

            @wraps(view)
            async def awaited(request: HttpRequest, /, *args: Any, **parameters: Any) -> Any:  # noqa: ANN401 - the view's own
                ask(request, parameters)
                return await view(request, *args, **parameters)

            return cast("View", awaited)

        @wraps(view)
        def asked(request: HttpRequest, /, *args: Any, **parameters: Any) -> Any:  # noqa: ANN401 - the view's own
            ask(request, parameters)
            return view(request, *args, **parameters)

        return cast("View", asked)

    return decorate


def _target_of(request: HttpRequest) -> str:
    scope = getattr(request, "scope", None)  # as an ASGI server has it
    if scope is None:
        return target(request.path, request.META["QUERY_STRING"])
    return target_of({**scope, "root_path": request.META["SCRIPT_NAME"]})  # a setting may say it


def _response(refusal: Answer) -> HttpResponse:
    status, headers, body = refusal
    return HttpResponse(body, status=int(status[:3]), headers=dict(headers))


def _with(response: HttpResponse, more: Headers) -> HttpResponse:
    for name, value in more:
        response.headers[name] = value
    return response
