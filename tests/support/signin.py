"""A person at the doors of the sign-in slice: a browser with its cookie, or a program like one."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from sqlalchemy import select

from counterfoil.access.caller import Origin
from counterfoil.audit.record import entries
from counterfoil.feed.event import TokenRecorded, TokenStruck
from counterfoil.jsonapi.fault import fault
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Asked, Route
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.office import Office
from counterfoil.signin import digest_password, set_password
from counterfoil.signin.doors.browser import ROUTES as BROWSER
from counterfoil.signin.doors.browser_password import ROUTES as PASSWORDS
from counterfoil.signin.doors.device import ROUTES as DEVICE
from counterfoil.signin.doors.discovery import ROUTES as DISCOVERY
from counterfoil.signin.doors.oauth import ROUTES as OAUTH
from counterfoil.signin.steps.session import BROWSER as BROWSER_SESSION
from counterfoil.web import ROUTES as PAGES
from support.directory import Company

PASSWORD = "correct horse battery"
ADA = "ada@acme.test"
BEN = "ben@people.test"
CALLBACK = "http://127.0.0.1:49152/callback"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
TABLE: dict[tuple[str, str], Route] = {
    (one.method, one.path): one
    for one in (*BROWSER, *PASSWORDS, *OAUTH, *DISCOVERY, *DEVICE, *PAGES)
}


class House(Company):
    """A company whose people, Ada the admin and Ben the reader, have the same password."""

    def __init__(self, office: Office, name: str = "Acme") -> None:
        super().__init__(office, name)
        self.ben = self.hire("Ben", "reader")
        self.digested = digest_password(PASSWORD, office.entropy)
        for user in (self.ada, self.ben):
            with self.operating() as work:
                set_password(work, user, self.digested)

    def live(self) -> set[bytes]:
        """Return the digests of access tokens that the gates have been told and not untold."""
        digests: set[bytes] = set()
        for event in self.events():
            if isinstance(event, TokenRecorded) and event.name != BROWSER_SESSION:
                digests -= set(event.struck)
                digests |= {secret.digest for secret in event.secrets}
            elif isinstance(event, TokenStruck):
                digests -= set(event.digests)
        return digests

    def recorded(self) -> list[TokenRecorded]:
        """Return what the gates were told of sessions, in order: first of the browser's own."""
        return [event for event in self.events() if isinstance(event, TokenRecorded)]

    def trail(self) -> list[tuple[str, str]]:
        """Return each recorded operation of this slice with its outcome, in order."""
        with self.office.database.reading() as tx:
            rows = tx.execute(select(entries.c.operation, entries.c.outcome).order_by("position"))
            mine = ("signin.", "oauth.", "password.", "identity.", "session.")
            return [(row[0], row[1]) for row in rows if row[0].startswith(mine)]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(msgspec.json.decode(self.body))

    @property
    def error(self) -> str:
        """The OAuth error, or the code of the first error."""
        body = self.json
        return str(body["errors"][0]["code"] if "errors" in body else body["error"])

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address that it sends us to."""
        parts = parse_qs(urlsplit(self.headers["Location"]).query)
        return {name: values[0] for name, values in parts.items()}


@dataclass
class Visitor:
    """Keeps cookies, and sends no header that a program would not send unless told."""

    office: Office
    host: str = "127.0.0.1:8400"
    address: str = "192.0.2.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def go(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | str = "",
        json: object = None,
        form: Mapping[str, str] | str | None = None,
        **headers: str,
    ) -> Seen:
        """Ask one door; failures come back as they would over HTTP."""
        route, params = found(method, path)
        sent = {
            "host": self.host,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        raw = b""
        if json is not None:
            raw, sent["content-type"] = msgspec.json.encode(json), "application/json"
        if form is not None:
            text = form if isinstance(form, str) else urlencode(form)
            raw, sent["content-type"] = text.encode(), "application/x-www-form-urlencoded"
        text = query if isinstance(query, str) else urlencode(query)
        try:
            answer = route.handle(
                Asked(
                    anyone=None,
                    origin=Origin("request-1", self.address, "test/1"),
                    office=self.office,
                    params=params,
                    query=Query.parse(text, route.allowed),
                    headers=sent,
                    cookies=dict(self.cookies),
                    raw=raw,
                )
            )
        except CounterfoilError as error:
            told = fault(error, "request-1")
            said = route.dialect.say(told)
            return Seen(told.status, {}, msgspec.json.encode(said.body))
        body = answer.body
        seen = Seen(
            answer.status,
            {**answer.headers, "Set-Cookie": answer.cookies[0]}
            if answer.cookies
            else answer.headers,
            body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body),
        )
        self._keep(*(answer.cookies or (seen.headers.get("Set-Cookie", ""),)))
        return seen

    def sign_in(self, email: str = ADA, password: str = PASSWORD, **headers: str) -> Seen:
        """Sign in as a program does."""
        return self.go("POST", "/signin", json={"email": email, "password": password}, **headers)

    def authorize(self, **changed: str | None) -> Seen:
        """Ask for a code, with these parameters in the place of good ones."""
        return self.go("GET", "/oauth/authorize", query=asking(**changed))

    def code(self) -> str:
        """Return a fresh code."""
        return self.authorize().query["code"]

    def redeem(self, code: str, **changed: str | None) -> Seen:
        """Show a code at the token endpoint."""
        good = {
            "grant_type": "authorization_code",
            "client_id": "counterfoil-cli",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**good, **changed})

    def refresh(self, refresh: str, **changed: str | None) -> Seen:
        """Show a refresh token at the token endpoint."""
        good = {
            "grant_type": "refresh_token",
            "client_id": "counterfoil-cli",
            "refresh_token": refresh,
        }
        return self.token(**{**good, **changed})

    def token(self, **form: str | None) -> Seen:
        """Ask the token endpoint."""
        return self.go("POST", "/oauth/token", form=_given(form))

    def tokens(self) -> dict[str, Any]:
        """Sign in and return an OAuth session's tokens."""
        assert self.sign_in().status == 204
        return self.redeem(self.code()).json

    def _keep(self, *cookies: str) -> None:
        for given in filter(None, (re.match(r"([^=]+)=([^;]*)", one) for one in cookies)):
            if given[2]:
                self.cookies[given[1]] = given[2]
            else:
                self.cookies.pop(given[1], None)


def found(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of an address, and what stands in its braces."""
    for (way, template), route in TABLE.items():
        form = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if way == method and (match := re.fullmatch(form, path)):
            return route, match.groupdict()
    raise LookupError(path)


def asking(**changed: str | None) -> dict[str, str]:
    """Return the parameters of a good authorization request, some of them changed or gone."""
    good: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "counterfoil-cli",
        "redirect_uri": CALLBACK,
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return _given({**good, **changed})


def _given(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}
