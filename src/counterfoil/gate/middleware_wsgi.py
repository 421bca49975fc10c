"""The gate's door for WSGI: one callable in front of any application.

    application = Gate(application, verifier)

Behind it, `environ["counterfoil.caller"]` says who is asking; where a request presents no
credential, the key is absent. What does not verify is answered here and never reaches the
application.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, Literal, TypeAlias

import lmdb

from counterfoil.gate.challenge import STATUS, UNREADY, challenge, status_of
from counterfoil.gate.credential import present
from counterfoil.gate.pace import Pace, headers, require_patience
from counterfoil.gate.position import Reach, followed, stand
from counterfoil.gate.seats import ORGANIZATION_HEADER
from counterfoil.gate.verdicts import not_a_member, quarantined
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, CounterfoilError, NotFound, Refused, Unserved
from counterfoil.kernel.ids import OrganizationId, Prefix

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]
Render: TypeAlias = Callable[[CounterfoilError, Environ, StartResponse], list[bytes]]

CALLER: Final = "counterfoil.caller"

ORGANIZATION: Final = "HTTP_" + ORGANIZATION_HEADER.upper().replace("-", "_")
"""Where a request says in which organization it acts."""


class Gate:
    """Lets in whoever verifies.

    Args:
        inner: the application behind it.
        verifier: which tokens are good.
        render: answers a refusal in the application's own words; JSON by default.
        required: whether a request without a credential is refused here, or is the application's.
        reach: brings the replica as far as a request says that it must be; by default it waits for
            whatever else follows the feed.
        pace: counts the requests of tokens that have a rate of their own; by default in a file
            beside the replica. None where the application counts them.
    """

    def __init__(
        self,
        inner: Application,
        verifier: Verifier,
        *,
        render: Render | None = None,
        required: bool = False,
        reach: Reach | None = None,
        pace: Pace | Literal["beside"] | None = "beside",
    ) -> None:
        self._inner = inner
        self._verifier = verifier
        self._render = render or render_json
        self._required = required
        self._reach = reach or followed(verifier.replica)
        self._pace = beside(verifier) if pace == "beside" else pace

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        environ.pop(CALLER, None)
        try:
            stand(environ, self._reach)
            presented = present(environ, self._verifier.prefix)
            if presented is not None:
                caller = self._verifier.verify(
                    presented, named_organization(environ), self._verifier.address_of(environ)
                )
                if self._pace is not None and (told := self._pace.count(caller)):
                    start_response = _adding(headers(told), start_response)
                    require_patience(told)
                environ[CALLER] = caller
            elif self._required:
                raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
            elif self._verifier.look(lambda _, snapshot: snapshot.quarantined):
                raise quarantined()
        except CounterfoilError as error:
            return self._render(error, environ, start_response)
        except lmdb.Error:
            return _unready(start_response)
        answer = self._inner(environ, start_response)
        return answer if type(answer) is list else Begun(answer)


class Begun:
    """The body of an application that may be a generator, pulled up to its first piece.

    Until then such an application has not said its status, and a server that asks for the status
    first would send one of its own (a refusal would go out as 200).
    """

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        pieces = iter(body)
        try:
            self._pieces: Iterator[bytes] = chain([next(pieces)], pieces)
        except StopIteration:
            self._pieces = iter(())
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Yield all of it."""
        return self._pieces

    def close(self) -> None:
        """Let the application clean up, as WSGI asks."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


def render_json(
    error: CounterfoilError, _environ: Environ, start_response: StartResponse
) -> list[bytes]:
    """Answer a refusal as `{"errors": [{"status", "code", "detail"}]}`."""
    if isinstance(error, Unserved):
        return _unready(start_response, error.detail, error.code)
    status = status_of(error)
    more = []
    if status not in {STATUS[400], STATUS[429]}:
        more.append(("WWW-Authenticate", challenge(error)))
    return _say(status, more, error.code, error.detail, start_response)


def _unready(
    start_response: StartResponse,
    detail: str = "The gate cannot look up tokens now.",
    code: Code = Code.NOT_READY,
) -> list[bytes]:
    """Deny where the books cannot be read: what cannot be looked up is not let in (I7)."""
    return _say(UNREADY, [("Retry-After", "1")], code, detail, start_response)


def _say(
    status: str,
    headers: list[tuple[str, str]],
    code: Code,
    detail: str,
    start_response: StartResponse,
) -> list[bytes]:
    said = {"status": status[:3], "code": str(code)} | ({"detail": detail} if detail else {})
    body = json.dumps({"errors": [said]}).encode()
    start_response(
        status,
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            *headers,
        ],
    )
    return [body]


def _adding(more: Mapping[str, str], start_response: StartResponse) -> StartResponse:
    """Let an answer say how the request stands to the limits of its token."""

    def start(line: str, headers: list[tuple[str, str]], *rest: object) -> object:
        return start_response(line, [*headers, *more.items()], *rest)

    return start


def beside(verifier: Verifier) -> Pace:
    """Return what counts in a file beside the replica, which all gates of the host share."""
    return Pace(verifier.replica.path / "paces", verifier.clock)


def named_organization(environ: Environ) -> OrganizationId | None:
    """Return where the request says that it acts (K13)."""
    named = environ.get(ORGANIZATION)
    if named is None:
        return None
    try:
        return OrganizationId(ids.read(Prefix.ORGANIZATION, named))
    except NotFound:
        raise not_a_member() from None
