"""A request of the reference, as each of three languages says it.

What they say is run: the tests send each of them to a real server.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from counterfoil.jsonapi.body import ANY_TYPE, FORM_TYPE
from counterfoil.jsonapi.fault import PLAIN
from counterfoil.jsonapi.parameter import SAMPLE, Parameter
from counterfoil.jsonapi.route import Route

BASE: Final = "COUNTERFOIL_URL"
BEARER: Final = "COUNTERFOIL_TOKEN"
"""The variables in which the examples find the server and the token."""

_FILE: Final = "hello"


@dataclass(frozen=True, slots=True)
class Example:
    """A request.

    Attributes:
        address: the path with its query.
        headers: those besides that of the token.
        body: as it is sent; None if there is none.
        bearing: whether it carries a token.
        leads: whether its answer leads elsewhere, and who asks wants to see that.
    """

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    bearing: bool = True
    leads: bool = False

    def javascript(self) -> str:
        """Say it with fetch."""
        told = [f"  method: {json.dumps(self.method)},", "  headers: {"]
        if self.bearing:
            told.append(f"    Authorization: `Bearer ${{process.env.{BEARER}}}`,")
        told += [f"    {json.dumps(n)}: {json.dumps(v)}," for n, v in self.headers.items()]
        told.append("  },")
        if self.body is not None:
            told.append(f"  body: {self._js_body()},")
        if self.leads:
            told.append('  redirect: "manual",')
        lines = "\n".join(told)
        url = f"${{process.env.{BASE}}}{self.address}"
        return (
            f"const response = await fetch(`{url}`, {{\n{lines}\n}});"
            "\nconsole.log(response.status, await response.text());"
        )

    def http(self, host: str) -> str:
        """Say it as it stands on the line, with the variable where the token is."""
        told = [f"{self.method} {self.address} HTTP/1.1", f"Host: {host}"]
        if self.bearing:
            told.append(f"Authorization: Bearer ${BEARER}")
        told += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body is not None:
            told.append(f"Content-Length: {len(self.body.encode())}")
        return "\n".join((*told, "", self.body or ""))

    def shell(self) -> str:
        """Say it with curl."""
        method = "" if self.method == "GET" else f"-X {self.method} "
        told = [f'curl -i {method}"${BASE}{self.address}"']
        if self.bearing:
            told.append(f'-H "Authorization: Bearer ${BEARER}"')
        told += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in self.headers.items()]
        if self.body is not None:
            told.append(f"--data-raw {shlex.quote(self.body)}")
        return " \\\n  ".join(told)

    def _js_body(self) -> str:
        if "json" not in self.headers.get("Content-Type", ""):
            return json.dumps(self.body)
        said = json.dumps(json.loads(self.body or ""), indent=2, ensure_ascii=False)
        return f"JSON.stringify({said})".replace("\n", "\n  ")


def example_of(route: Route) -> Example:
    """Return the request that the reference shows for a route."""
    headers = {one.name: shown(one) for one in (*route.dialect.asks, *route.asks) if one.required}
    body: str | None = None
    if route.takes is not None:
        media = PLAIN if route.reads[0] == ANY_TYPE else route.reads[0]
        headers["Content-Type"] = media
        body = spelled(route.example, media)
    elif route.streams:
        headers["Content-Type"] = "text/plain"
        body = _FILE
    if route.conditional:
        headers["If-Match"] = '"1"'
    return Example(
        route.method,
        addressed(route),
        headers,
        body,
        bearing=not route.open,
        leads=any(300 <= status < 400 for status in route.gives),  # noqa: PLR2004 - HTTP's own
    )


def addressed(route: Route) -> str:
    """Return an address of a route, with what it cannot do without."""
    path = route.path
    for one in route.parts:
        path = path.replace(f"{{{one.name}}}", quote(shown(one), safe="/"))
    needed = {one.name: shown(one) for one in route.query if one.required}
    return f"{path}?{urlencode(needed)}" if needed else path


def spelled(body: Any, media: str) -> str:  # noqa: ANN401 - whatever a route takes
    """Return a body as it is sent."""
    if media == FORM_TYPE:
        return urlencode(body, quote_via=quote)
    return json.dumps(body, indent=2, ensure_ascii=False)


def shown(one: Parameter) -> str:
    """Return a value that a parameter takes."""
    if one.example is None:
        allowed = one.schema.get("enum")
        usual = {"boolean": "true", "integer": "1"}.get(str(one.schema.get("type")))
        return str(allowed[0]) if allowed else usual or _usual(one)
    if one.family and isinstance(one.example, Mapping):
        return ",".join(f"{name}={value}" for name, value in one.example.items())
    if isinstance(one.example, bool):
        return str(one.example).lower()
    if isinstance(one.example, (list, tuple)):
        return ",".join(map(str, one.example))
    return str(one.example)


def _usual(one: Parameter) -> str:
    return SAMPLE if one.name.endswith("id") else {"locale": "en"}.get(one.name, "eyJ2IjoxfQ")
