"""Walking over HTTP, step by step: each step says what it expects and shows what it got."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import click
import httpx2

from counterfoil.cli.auth.loopback import challenge
from counterfoil.cli.output import printable
from counterfoil.client.credential import CLI_CLIENT
from counterfoil.client.redact import redact
from counterfoil.kernel.entropy import Entropy, system_entropy

_REDIRECT: Final = "http://127.0.0.1:9/callback"
_TIMEOUT_S: Final = 30.0
_ID: Final = re.compile(r"\d{12}(\d{4})\b")


class WalkBroken(Exception):
    """A step gave nothing that the next ones could stand on."""


@dataclass(frozen=True, slots=True)
class Got:
    """What a step got."""

    status: int
    code: str
    document: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def told(self) -> str:
        """Status and code, as a person reads them."""
        return f"{self.status} {self.code}".rstrip()

    def is_as(self, expects: int | tuple[int, str]) -> bool:
        """Say whether it has the expected status, and the code if one is expected."""
        status, code = expects if isinstance(expects, tuple) else (expects, "")
        return self.status == status and (not code or self.code == code)

    @property
    def data(self) -> Any:  # noqa: ANN401 - JSON:API's primary data
        """The primary data, for the steps that need it."""
        try:
            return self.document["data"]
        except KeyError:
            message = f"the answer ({self.status}) holds no data"
            raise WalkBroken(message) from None

    def at(self, *keys: str | int) -> Any:  # noqa: ANN401 - whatever stands there
        """Return what stands in the data under these keys."""
        found = self.data
        try:
            for key in keys:
                found = found[key]
        except (KeyError, IndexError, TypeError):
            message = f"the answer ({self.status}) holds no {keys[-1]}"
            raise WalkBroken(message) from None
        return found


@dataclass(slots=True)
class Walk:
    """A walk in progress, and how it went so far. `tell` prints a line."""

    url: str
    tell: Callable[[str], None]
    entropy: Entropy = system_entropy
    steps: int = 0
    wrong: list[str] = field(default_factory=list)
    _http: httpx2.Client = field(
        default_factory=lambda: httpx2.Client(
            timeout=_TIMEOUT_S, trust_env=False, headers={"user-agent": "counterfoil-demo"}
        )
    )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def chapter(self, title: str) -> None:
        """Begin another part of the story."""
        self.tell("")
        self.tell(click.style(title, bold=True))

    def step(
        self,
        says: str,
        call: tuple[str, str],
        expects: int | tuple[int, str],
        *,
        by: str = "",
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Got:
        """Make one call and show how it went.

        Args:
            says: what it is about, for a person.
            call: method and path.
            expects: the status, and for refusals the code.
            by: the bearer token.
            body: what is sent as JSON.
            headers: further headers.
        """
        got = self._ask(call, by, body, headers)
        self.note(says, _spelled(call), [got], expects)
        return got

    def alike(
        self,
        says: str,
        calls: Sequence[tuple[str, str]],
        expects: int | tuple[int, str],
        *,
        by: str = "",
        bodies: Sequence[object] | None = None,
    ) -> list[Got]:
        """Make calls that are alike, each with its body if there are any; show them as one step."""
        got = [
            self._ask(call, by, body, None)
            for call, body in zip(calls, bodies or [None] * len(calls), strict=True)
        ]
        more = f" and {len(calls) - 1} more" if calls[1:] else ""
        self.note(says, _spelled(calls[0]) + more, got, expects)
        return got

    def note(self, says: str, call: str, got: list[Got], expects: int | tuple[int, str]) -> None:
        """Count a step and print it: what it shows, and below it the call and what came back."""
        self.steps += 1
        good = all(one.is_as(expects) for one in got)
        told = f"{call} → {', '.join(one.told for one in got)}"
        self.tell(f"  {_tick(good)} {says}")
        self.tell(click.style(f"    {told}", dim=True))
        if not good:
            wrong = next(one for one in got if not one.is_as(expects))
            seen = printable(redact(str(wrong.document)))[:400]
            self.tell(f"    expected {_wanted(expects)}: {seen}")
            self.wrong.append(says)

    def sure(self, says: str, true: object) -> None:
        """Count a claim about what was seen as a step of its own."""
        self.steps += 1
        self.tell(f"  {_tick(true)} {says}")
        if not true:
            self.wrong.append(says)

    def sign_in(self, name: str, email: str, password: str) -> str:
        """Return the access token of a person who signs in: cookie, code, session."""
        cookies = self._cookies(name, email, password)
        verifier = self.entropy(32).hex()
        question = {
            "response_type": "code",
            "client_id": CLI_CLIENT,
            "redirect_uri": _REDIRECT,
            "state": self.entropy(8).hex(),
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        response = self._http.get(
            f"{self.url}/oauth/authorize?{urlencode(question)}", headers={"cookie": cookies}
        )
        says = f"a code lets the command line speak as {name}"
        self._one(says, "GET /oauth/authorize", response, 303)
        answer = parse_qs(urlsplit(response.headers.get("location", "")).query)
        form = {
            "grant_type": "authorization_code",
            "client_id": CLI_CLIENT,
            "code": (answer.get("code") or [""])[0],
            "code_verifier": verifier,
            "redirect_uri": _REDIRECT,
        }
        response = self._http.post(f"{self.url}/oauth/token", data=form)
        got = self._one("and becomes a session", "POST /oauth/token", response, 200)
        token = got.document.get("access_token")
        if not isinstance(token, str):
            message = f"{name} could not sign in"
            raise WalkBroken(message)
        return token

    def _ask(
        self, call: tuple[str, str], by: str, body: object, headers: Mapping[str, str] | None
    ) -> Got:
        method, path = call
        sent = {**({"authorization": f"Bearer {by}"} if by else {}), **(headers or {})}
        return _read(self._http.request(method, self.url + path, json=body, headers=sent))

    def _cookies(self, name: str, email: str, password: str) -> str:
        response = self._http.post(
            f"{self.url}/signin", json={"email": email, "password": password}
        )
        self._one(f"{name} signs in", "POST /signin", response, 204)
        cookies = "; ".join(f"{key}={value}" for key, value in response.cookies.items())
        self._http.cookies.clear()
        return cookies

    def _one(self, says: str, call: str, response: httpx2.Response, status: int) -> Got:
        got = _read(response)
        self.note(says, call, [got], status)
        return got


def _tick(good: object) -> str:
    return click.style("✓", fg="green") if good else click.style("✗", fg="red")


def _spelled(call: tuple[str, str]) -> str:
    """Return a call as people read it: of its ids the ends are enough."""
    return _ID.sub(r"…\1", printable(redact(unquote(" ".join(call)))))


def _wanted(expects: int | tuple[int, str]) -> str:
    return " ".join(map(str, expects)) if isinstance(expects, tuple) else str(expects)


def _read(response: httpx2.Response) -> Got:
    try:
        document = response.json() if response.content else {}
    except ValueError:
        document = {}
    document = document if isinstance(document, dict) else {}
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return Got(response.status_code, str(first.get("code", "")), document, response.headers)
