"""The gate in front of a WSGI application, whatever it is made with.

    application = CounterfoilMiddleware(application, api="api_…")

Behind it, `environ["counterfoil"]` is a `Visitor`. What may not pass is answered here and never
reaches the application; a refusal that the application lets pass is answered here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias, Unpack

from counterfoil.gate.middleware_wsgi import Begun
from counterfoil.gateway.refusal import Headers
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.middleware.door import KEY, Answer, Door, Options, target
from counterfoil.middleware.recording import Recording

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]


class CounterfoilMiddleware:
    """Lets in whoever may.

    Args:
        app: the application behind it.
        api: the id of the API that it is.
        options: see `Options`.
    """

    def __init__(self, app: Application, *, api: str, **options: Unpack[Options]) -> None:
        self._app = app
        self._door = Door(api, **options)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        environ.pop(KEY, None)
        self._door.wait(environ)
        asked = target_of(environ)
        visitor, refusal, more = self._door.ask(environ, environ["REQUEST_METHOD"], asked)
        if refusal is not None:
            return _refuse(environ, start_response, refusal)
        environ[KEY] = visitor
        begun = False

        def starting(status: str, headers: Headers, *rest: object) -> object:
            """Begin the application's answer, with what is said besides of its caller's rate."""
            nonlocal begun
            begun = True
            return start_response(status, [*headers, *more] if more else headers, *rest)

        try:
            answer = self._app(environ, starting)
            return answer if type(answer) is list else Begun(answer)
        except CounterfoilError as error:
            if begun:
                raise
            return _refuse(environ, start_response, self._door.refusal(error, more))


class CounterfoilRecorder:
    """Writes down which routes an application is asked for, and lets everybody in as before.

    Args:
        app: the application behind it, which nothing protects by this.
        api: the id of the API that it is.
        record: the file to write to.
        data_dir: of the server on this host; what COUNTERFOIL_DATA_DIR says by default.
    """

    def __init__(
        self,
        app: Application,
        *,
        api: str,
        record: str | Path,
        data_dir: str | Path | None = None,
    ) -> None:
        self._app = app
        self._recording = Recording(api, record=record, data_dir=data_dir)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        with suppress(
            ValueError, KeyError
        ):  # no server says it so, and the application may take it
            self._recording.note(environ, environ["REQUEST_METHOD"], target_of(environ))
        return self._app(environ, start_response)


def target_of(environ: Environ) -> str:
    """Return the target that says what an application reads: WSGI shows it decoded alone."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") or "/"
    sent = path if path.isascii() else path.encode("latin-1")
    return target(sent, environ.get("QUERY_STRING", ""))


def _refuse(environ: Environ, start_response: StartResponse, refusal: Answer) -> list[bytes]:
    status, headers, body = refusal
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
