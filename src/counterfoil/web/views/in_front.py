"""What puts a gate in front of an API: what is pasted where, what starts it, what checks it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from shlex import quote
from typing import Final
from urllib.parse import quote as escaped

from counterfoil.directory.api import Api
from counterfoil.directory.routed import Resource, RouteTable
from counterfoil.routing.table import Route
from counterfoil.snippets import (
    INSIDE,
    PROXIES,
    Pasted,
    Snippet,
    Whereabouts,
    is_target,
    pasted,
    proper_target,
)
from counterfoil.web.form import Form

FIELDS: Final = ("upstream", "port", "gate", "data_dir")
_SPELLED: Final = "/{}~!$&'()*+,=:@-._"
_PARAMETER: Final = re.compile(r"\{(\w+)(\.\.\.)?\}")
_KEY: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}")


@dataclass(frozen=True, slots=True)
class Way:
    """One proxy or framework, and what is pasted for it, each file with where it is kept."""

    of: Snippet
    files: tuple[Pasted, ...]
    at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InFront:
    """All that is said of a gate in front of one API.

    Attributes:
        target: an address of the API that is tried, without its host.
        starts: the command that runs the gate.
        signs_in: the command by which a terminal comes in.
        tokens: the command that makes a token to try it with.
        checks: the command that probes the proxy.
    """

    place: Whereabouts
    target: str
    starts: str
    signs_in: str
    tokens: str
    checks: str

    @property
    def proxies(self) -> list[Way]:
        """What is pasted for each proxy that can ask where the gate listens."""
        return [self._way(one) for one in PROXIES if one.socket or not self.place.gate_path]

    @property
    def inside(self) -> list[Way]:
        """What is pasted into an application, for each framework."""
        return [self._way(one) for one in INSIDE]

    def _way(self, one: Snippet) -> Way:
        kept = tuple(name.replace("{api}", self.place.id) for name in one.at)
        return Way(one, pasted(one, self.place), kept)


def place_of(form: Form, api: Api) -> Whereabouts:
    """Return where the form says that things are; what it does not say is as usual.

    Raises:
        Invalid: naming the field.
    """
    said = {name: form.text(name).strip() for name in FIELDS}
    return Whereabouts(api.id, api.name, **{name: value for name, value in said.items() if value})


def target_of(form: Form, usual: str) -> str:
    """Return the address that is tried, which a form may say.

    Raises:
        Invalid: naming the field.
    """
    typed = form.text("target").strip()
    return proper_target(typed) if typed else usual


def in_front(place: Whereabouts, api: Api, table: RouteTable, target: str, base: str) -> InFront:
    """Return what is said of a gate; `base` is the address of this server."""
    scope = next((one.scope for one in _read(table.routes)), "")
    scope = scope or next((one.name for one in api.scopes), "SCOPE")
    proxy = quote(f"http://localhost:{place.port}{target}")
    return InFront(
        place,
        target,
        starts=f"counterfoil gate --data-dir {quote(place.data_dir)} --listen {quote(place.gate)}",
        signs_in=f"counterfoil auth login --url {quote(base)}",
        tokens=f"counterfoil pat create gate-check --scope {quote(scope)} --expires 7d"
        " > gate-check.token",
        checks=f"COUNTERFOIL_TOKEN_FILE=gate-check.token counterfoil doctor --proxy {proxy}",
    )


def usual_target(table: RouteTable, resources: Iterable[Resource]) -> str:
    """Return an address that the table lets a token read, of a resource that there is if it can."""
    key = min((one.key for one in resources if _KEY.fullmatch(one.key)), default="")
    routes = _read(table.routes)
    of_one = [one for one in routes if key and _PARAMETER.fullmatch(one.node)]
    route = next(iter([*of_one, *routes]), None)
    if route is None:
        return "/"
    named = _PARAMETER.fullmatch(route.node)

    def said(found: re.Match[str]) -> str:
        if found[2]:  # the rest of the path, which may be nothing
            return ""
        return key if key and named and named[1] == found[1] else found[0]

    spelled = escaped(_PARAMETER.sub(said, route.path), safe=_SPELLED)
    return spelled if is_target(spelled) else "/"


def _read(routes: Iterable[Route]) -> list[Route]:
    return [one for one in routes if "GET" in one.methods and one.scope]
