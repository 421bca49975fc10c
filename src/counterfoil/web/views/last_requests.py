"""The last requests of a token: what became of each, why it was refused, and how to ask for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded
from counterfoil.audit.record import ALLOWED
from counterfoil.kernel.errors import Code
from counterfoil.kernel.sentence import Say
from counterfoil.operation import OPERATIONS, Operation
from counterfoil.tokens.usage_model import Share
from counterfoil.web.language import N_

MOST: Final = 50
"""So many requests are listed."""

_ROUTES: Final = 8

_WHY: Final = MappingProxyType(
    {
        Code.INSUFFICIENT_SCOPE: N_("It lacks the scope %(scope)s."),
        Code.API_NOT_ENABLED_FOR_TOKEN: N_("It is not let in at the %(surface)s API."),
        Code.OUTSIDE_ROOT_NODES: N_("That is outside its root nodes."),
        Code.INSUFFICIENT_ROLE: N_("The role of its owner does not allow that there."),
        Code.CREDENTIAL_KIND_NOT_ADMITTED: N_("No token may do that, only a person at a browser."),
        Code.PAT_CANNOT_CREATE_PAT: N_("No token makes or changes tokens of people."),
        Code.PAT_CANNOT_MANAGE_USERS: N_("No token of a person changes people."),
        Code.ROUTE_NOT_LISTED: N_("The API lists no route for this."),
        Code.IP_NOT_ALLOWED: N_("It came from where this token may not be used."),
        Code.RATE_LIMIT_EXCEEDED: N_("It came more often than this token may."),
        Code.NOT_FOUND: N_("There is no such thing, or none that it may see."),
    }
)
_LACKS: Final = N_("It lacks the scope that this route asks for.")
_OTHERWISE: Final = N_("It was answered with this code.")


@dataclass(frozen=True, slots=True)
class LastRequest:
    """One request.

    Attributes:
        why: why it was refused, in a sentence; empty if it was let in.
        ask: where to ask for what it lacked, and the words of that link; empty if nothing helps.
    """

    entry: Recorded
    why: str
    ask: tuple[str, str]

    @property
    def is_allowed(self) -> bool:
        """Whether it was let in."""
        return self.entry.outcome == ALLOWED


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks at the requests: where they edit the token, if they may, and what they may give."""

    edit: str
    scopes: frozenset[str]


def last_requests(entries: Iterable[Recorded], asker: Asker, say: Say) -> list[LastRequest]:
    """Return requests as they are read, in the order in which they come."""
    return [LastRequest(one, _why(one, say), _ask(one, asker)) for one in entries]


def busiest(requests: Iterable[LastRequest]) -> list[Share]:
    """Return what these requests asked for, the most asked first: routes, else operations."""
    every, refused = Counter[str](), Counter[str]()
    for one in requests:
        name = one.entry.route or one.entry.operation
        every[name] += 1
        refused[name] += not one.is_allowed
    return [Share(name, count, refused[name]) for name, count in every.most_common(_ROUTES)]


def _why(entry: Recorded, say: Say) -> str:
    if entry.outcome == ALLOWED:
        return ""
    if entry.api is not None and entry.outcome == Code.INSUFFICIENT_SCOPE:
        return say(_LACKS)
    doing, known = OPERATIONS.get(entry.operation), {str(code): said for code, said in _WHY.items()}
    places = {"scope": _scope(doing), "surface": _surface(doing)}
    return say(known.get(entry.outcome, _OTHERWISE)) % places


def _ask(entry: Recorded, asker: Asker) -> tuple[str, str]:
    """Return the link that asks for what was lacking, where whoever looks may ask for it."""
    doing = OPERATIONS.get(entry.operation)
    scope, surface = _scope(doing), _surface(doing)
    if not asker.edit:
        return "", ""
    if entry.outcome == Code.INSUFFICIENT_SCOPE and scope:
        if scope not in asker.scopes:
            return "/roles-and-permissions", N_("Your role does not have it")
        return f"{asker.edit}?{urlencode({'scope': scope})}", N_("Request this scope")
    if entry.outcome == Code.API_NOT_ENABLED_FOR_TOKEN and surface:
        return f"{asker.edit}?{urlencode({'surface': surface})}", N_("Request this API")
    if entry.outcome == Code.OUTSIDE_ROOT_NODES:
        return f"{asker.edit}#roots", N_("Change its root nodes")
    return "", ""


def _scope(doing: Operation | None) -> str:
    needs = None if doing is None else doing.requires
    return str(needs) if isinstance(needs, Scope) else needs or ""


def _surface(doing: Operation | None) -> str:
    return "" if doing is None or doing.surface is None else str(doing.surface)
