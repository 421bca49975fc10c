"""A connection that blocks: bound to one origin, never redirected.

A redirect is an error, wherever it leads: no API call of ours answers with one, and following it is
how tokens reach strangers (S16).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, Final, TypedDict

import httpx2

from counterfoil.client.answer import Answer
from counterfoil.client.errors import ClientError, Unexpected, Unreachable
from counterfoil.client.manners import Manners
from counterfoil.client.patience import Patience
from counterfoil.client.steps import Ask, Listing, Pause, Query, Step, Steps, T

_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST_PORT: Final = 65_535
_HOST: Final = re.compile(r"[0-9A-Za-z._-]+|[0-9a-f:.]+")
_NUMBER: Final = re.compile(r"^\[Errno -?\d+\] ")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

AGENT: Final = "counterfoil-client"

Sleep = Callable[[float], None]


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
    """A connection to one server, with at most one credential; threads may share it."""

    def __init__(
        self,
        url: str,
        manners: Manners,
        *,
        agent: str = AGENT,
        sleep: Sleep = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.manners = manners
        self._sleep = sleep
        self._turn = threading.Lock()
        how = settings(self.url, agent, manners.patience)
        self._http = httpx2.Client(transport=transport, **how)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def call_oneself(self, agent: str) -> None:
        """Say another name from the next request on: the audit trail keeps it as a claim."""
        self._http.headers["user-agent"] = agent

    def run(self, steps: Steps[T]) -> T:
        """Do what a call asks for, and return what it comes to."""
        with closing(steps):
            try:
                step = next(steps)
                while True:
                    try:
                        came = self._do(step)
                    except ClientError as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(came)
            except StopIteration as end:
                done: T = end.value
                return done

    def each(self, listing: Listing[T]) -> Iterator[T]:
        """Yield what a list holds, page by page, each asked for when it is needed."""
        after: str | None = None
        while True:
            page, after = self.run(self.manners.page(listing, after))
            yield from page
            if after is None:
                return

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to one API call, as `Manners.ask` says."""
        return self.run(self.manners.ask(method, path, query=query, body=body, headers=headers))

    def create(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """POST what is to be made at most once, as `Manners.create` says."""
        return self.run(self.manners.create(path, body, headers))

    def form(self, fields: Mapping[str, str], path: str = "/oauth/token") -> dict[str, Any]:
        """POST a form without the bearer, as `Manners.form` says."""
        return self.run(self.manners.form(fields, path))

    def _do(self, step: Step) -> object:
        if isinstance(step, Ask):
            return self._send(step)
        if isinstance(step, Pause):
            return self._sleep(step.seconds)
        with self._turn:
            return self.run(step.steps)

    def _send(self, ask: Ask) -> Answer:
        try:
            return answered(self._http.request(**request(self.url, ask)), self.url, ask)
        except httpx2.TransportError as error:
            raise silence(self.url, error) from None


class Settings(TypedDict):
    """How the HTTP library is set up, whichever way it waits."""

    timeout: float
    follow_redirects: bool
    trust_env: bool
    headers: dict[str, str]


class Request(TypedDict):
    """What the HTTP library is told to send."""

    method: str
    url: str
    params: dict[str, str] | None
    content: bytes | None
    headers: Mapping[str, str]


def settings(url: str, agent: str, patience: Patience) -> Settings:
    """Return how the library is set up for a base URL; `Unexpected` if it is none."""
    return {
        "timeout": patience.timeout_s,
        "follow_redirects": False,
        "trust_env": not is_loopback(url),
        "headers": {"user-agent": agent, "accept": "application/json"},
    }


def request(url: str, ask: Ask) -> Request:
    """Return what is sent."""
    return {
        "method": ask.method,
        "url": f"{url}{ask.path}",
        "params": {name: str(value) for name, value in ask.query.items()} or None,
        "content": ask.body,
        "headers": ask.headers,
    }


def answered(response: httpx2.Response, url: str, ask: Ask) -> Answer:
    """Return what came; `Unexpected` for a redirect."""
    if response.is_redirect:
        message = (
            f"{url}{ask.path} answers with a redirect ({response.status_code}); it is not"
            " followed, so that the token stays with the server it is for"
        )
        raise Unexpected(message)
    return Answer(response.status_code, dict(response.headers), response.content)


def silence(url: str, error: httpx2.TransportError) -> Unreachable:
    """Return what it is called that nothing came."""
    if isinstance(error, httpx2.TimeoutException):
        said = f"{url} does not answer in time"
    else:
        why = _NUMBER.sub("", str(error)) or type(error).__name__
        said = f"{url} cannot be reached ({why})"
    return Unreachable(said, sent=not isinstance(error, _UNSENT))
