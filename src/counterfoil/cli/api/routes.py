"""The routes of a registered API: as a file says them, as a server has them, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from counterfoil.cli.talking.things import Things, body, seen
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.answer import Answer

APIS: Final = Things(
    "/cma/apis", "api", Prefix.API, "registered API", "counterfoil api GET /cma/apis", paged=False
)
CLOSED: Final = "closed"

Entry = Mapping[str, Any]
Differs = dict[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Listed:
    """What an API lists, as it is sent.

    Attributes:
        routes: all of them; None leaves them as they are.
        preflights: whether browsers of other origins may ask first; None leaves that as it is.
        grace_seconds: for how long a gate lets reads pass after its lease; None leaves it, too.
    """

    routes: tuple[Entry, ...] | None
    preflights: bool | None
    grace_seconds: int | None = None

    def differs(self, now: Listed) -> Differs:
        """Return each line that is not so now, with what it lets through then and then."""
        differs: Differs = {}
        if self.routes is not None:
            was, wanted = lines(now.routes or ()), lines(self.routes)
            for line in sorted(was.keys() | wanted.keys()):
                before, after = was.get(line, CLOSED), wanted.get(line, CLOSED)
                if before != after:
                    differs[line] = before, after
        if self.preflights is not None and self.preflights != bool(now.preflights):
            differs["preflights"] = bool(now.preflights), self.preflights
        if self.grace_seconds is not None and self.grace_seconds != (now.grace_seconds or 0):
            differs["grace_seconds"] = now.grace_seconds or 0, self.grace_seconds
        return differs


NOTHING: Final = Listed((), None)


def lines(routes: Iterable[Entry]) -> dict[str, str]:
    """Return what each method lets through on each path: whom, where, and whether it changes."""
    found = {}
    for route in routes:
        node, scope = route.get("node", ""), route["scope"] or "everybody"
        said = [scope, *([f"at {node}"] if node else [])]
        for method in route["methods"]:
            changes = route.get("changes", False) and method in {"GET", "HEAD"}
            found[f"{method} {route['path']}"] = " ".join(
                [*said, *(["changes"] if changes else [])]
            )
    return found


def now(client: Client, id_: str) -> tuple[Listed, int, dict[str, str]]:
    """Return what an API lists, how often that changed, and the header that changes it as it is."""
    found, match = seen(client.wire.ask("GET", APIS.at(id_, "routes")))
    facts = found["attributes"]
    there = Listed(tuple(facts["routes"]), facts["preflights"], facts["grace_seconds"])
    return there, found["meta"]["version"], match


def declare(
    client: Client, id_: str, wanted: Listed, there: Listed, match: dict[str, str]
) -> Answer:
    """Let an API list this; return the answer."""
    document = declared(wanted, there)
    return client.wire.ask("PUT", APIS.at(id_, "routes"), body=document, headers=match)


def declared(wanted: Listed, there: Listed) -> dict[str, Any]:
    """Return the document that has an API list this."""
    routes = there.routes if wanted.routes is None else wanted.routes
    attributes: dict[str, Any] = {"routes": routes}
    if wanted.preflights is not None:
        attributes["preflights"] = wanted.preflights
    if wanted.grace_seconds is not None:
        attributes["grace_seconds"] = wanted.grace_seconds
    return body("api_routes", attributes)
