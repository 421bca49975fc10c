"""Requests on their way: bound to one origin, asked again where that is safe, never redirected.

A redirect is an error, wherever it leads: no API call of ours answers with one, and following it is
how tokens reach strangers (S16).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from counterfoil.client.answer import Answer, error_of, wait_of
from counterfoil.client.credential import Credential, usable
from counterfoil.client.errors import Invalid, Refused, Unexpected, Unreachable
from counterfoil.kernel.clock import Clock, system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy

SAFE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
ATTEMPTS: Final = 4
CONNECTS: Final = 2
"""Nothing was sent, so any call may try again; but whoever waits shall soon hear of it."""
LONGEST_WAIT_S: Final = 60.0

_TIMEOUT_S: Final = 30.0
_FIRST_WAIT_S: Final = 0.25
_AGAIN: Final = frozenset({429, 502, 503, 504})
_UNAUTHORIZED: Final = 401
_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST_PORT: Final = 65_535
_HOST: Final = re.compile(r"[0-9A-Za-z._-]+|[0-9a-f:.]+")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Query = Mapping[str, str | int]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, as often as it takes."""

    method: str
    path: str
    query: Query
    body: bytes | None
    headers: Mapping[str, str]

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice is doing it once."""
        return self.method in SAFE or "idempotency-key" in self.headers


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a base URL.

    Raises:
        Unexpected: for anything but `http(s)://host[:port][/path]`; a name and password in it,
            a query or a fragment have no place there.
    """
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL("")
    port = parsed.port or _PORTS.get(parsed.scheme, 0)
    whole = 0 < port <= _HIGHEST_PORT and _HOST.fullmatch(parsed.host)
    if not whole or parsed.userinfo or parsed.query or parsed.fragment:
        message = "the server's address is not a base URL: it looks like https://cms.example.com"
        raise Unexpected(message)
    return parsed.scheme, parsed.host, port


def is_loopback(url: str) -> bool:
    """Say whether a base URL leads to this machine."""
    return origin_of(url)[1] in _LOOPBACK


class Wire:
    """A connection to one server, with at most one credential."""

    def __init__(  # noqa: PLR0913 - each is a thing that a test puts in place
        self,
        url: str,
        credential: Credential | None = None,
        *,
        organization: str | None = None,
        agent: str = "counterfoil-client",
        sleep: Sleep = time.sleep,
        clock: Clock = system_clock,
        entropy: Entropy = system_entropy,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        origin_of(self.url)
        self._credential = credential
        self._sleep = sleep
        self._clock = clock
        self._entropy = entropy
        self._http = httpx2.Client(
            timeout=_TIMEOUT_S,
            follow_redirects=False,
            trust_env=not is_loopback(self.url),
            transport=transport,
            headers={"user-agent": agent, "accept": "application/json"},
        )
        if organization:
            self._http.headers["counterfoil-organization"] = usable(organization)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to one API call.

        Raises:
            ClientError: for every other end; `ApiError` and its kinds where the server said no.
        """
        sent = dict(headers or {})
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            sent["content-type"] = "application/vnd.api+json"
        ask = Ask(method, path, query or {}, raw, sent)
        answer = self._insist(ask)
        if (
            answer.status == _UNAUTHORIZED
            and self._credential
            and self._credential.renew(self.form)
        ):
            answer = self._insist(ask)
        error = error_of(answer, self._clock)
        if error is not None:
            raise error
        return answer

    def create(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """POST what is to be made at most once, however often it is asked for (R9)."""
        key = {"idempotency-key": self._entropy(16).hex()}
        return self.ask("POST", path, body=body, headers=key | dict(headers or {}))

    def form(self, fields: Mapping[str, str], path: str = "/oauth/token") -> dict[str, Any]:
        """POST a form to the token endpoint, without the bearer.

        Raises:
            Refused: if the grant or the client is not in force, whatever the status.
        """
        body = urlencode(dict(fields)).encode()
        type_ = {"content-type": "application/x-www-form-urlencoded"}
        answer = self._insist(Ask("POST", path, {}, body, type_), anonymous=True)
        error = error_of(answer, self._clock)
        if isinstance(error, Invalid) and error.code in {"invalid_grant", "invalid_client"}:
            raise Refused(error.status, error.code, error.detail, request_id=error.request_id)
        if error is not None:
            raise error
        return answer.document

    def _insist(self, ask: Ask, *, anonymous: bool = False) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS or not ask.repeatable
            pause = _FIRST_WAIT_S * 2**attempt
            try:
                answer = self._once(ask, anonymous=anonymous)
            except httpx2.ConnectError as error:
                if attempt == CONNECTS:
                    raise Unreachable(self._silence(error)) from None
            except httpx2.TransportError as error:
                if last:
                    raise Unreachable(self._silence(error)) from None
            else:
                asked = wait_of(answer, self._clock)
                pause = pause if asked is None else asked
                if last or answer.status not in _AGAIN or pause > LONGEST_WAIT_S:
                    return answer
            self._sleep(pause)
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    def _once(self, ask: Ask, *, anonymous: bool) -> Answer:
        headers = dict(ask.headers)
        if self._credential is not None and not anonymous:
            headers["authorization"] = f"Bearer {self._credential.bearer(self.form)}"
        response = self._http.request(
            ask.method,
            f"{self.url}{ask.path}",
            params={name: str(value) for name, value in ask.query.items()} or None,
            content=ask.body,
            headers=headers,
        )
        if response.is_redirect:
            message = (
                f"{self.url}{ask.path} answers with a redirect ({response.status_code}); it is not"
                " followed, so that the token stays with the server it is for"
            )
            raise Unexpected(message)
        return Answer(response.status_code, dict(response.headers), response.content)

    def _silence(self, error: httpx2.TransportError) -> str:
        if isinstance(error, httpx2.TimeoutException):
            return f"{self.url} does not answer within {_TIMEOUT_S:.0f} s"
        return f"{self.url} cannot be reached ({str(error) or type(error).__name__})"
