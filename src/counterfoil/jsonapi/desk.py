"""The desk: takes a request to its door and brings back an answer, whatever happens behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

import falcon
import structlog
from msgspec import structs
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from counterfoil.access.caller import Caller
from counterfoil.gate.challenge import METADATA
from counterfoil.gate.middleware_wsgi import CALLER
from counterfoil.jsonapi import idempotency
from counterfoil.jsonapi.aim import aim
from counterfoil.jsonapi.effect import defers, handled, settled
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.heard import cookies_in, headers_of
from counterfoil.jsonapi.held import unless_held
from counterfoil.jsonapi.incoming import Room, declared, pieces, taken
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.ranges import is_held
from counterfoil.jsonapi.reply import Reply, Setting, accepts, answered, failed, passing, spelled
from counterfoil.jsonapi.route import ANY_VERSION, Answer, Asked, Route
from counterfoil.jsonapi.send import send
from counterfoil.jsonapi.shelf import Shelf, key_of, ready
from counterfoil.jsonapi.spared import is_spared
from counterfoil.jsonapi.turnstile import leave
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Refused,
    Unconditional,
    Unserved,
)
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.noroom import NoRoomError, has_no_room, no_room

REFUSAL: Final = "counterfoil.refusal"
KNOWN: Final = "counterfoil.known"
"""Who was refused at the gate, if that is known; and `DOING`, what they did, if no operation."""
DOING: Final = "counterfoil.doing"
PAIR: Final = "counterfoil.pair"
"""Says who shows a key and its secret, at an address that takes them in a token's place."""
SOMEWHERE: Final = "counterfoil.somewhere"
"""Who was refused at the gate because they did not say in which of their organizations they act."""
REQUEST_ID: Final = "counterfoil.request_id"
ORIGIN: Final = "counterfoil.origin"
ROUTE: Final = "counterfoil.route"
FAILED: Final = "counterfoil.failed"
"""The code with which a request failed, if it did."""

_UNRECORDED: Final = frozenset({429, 500, 503, 507})
"""Failures that say nothing of what the caller may do: a flood of them is counted, not listed."""
_FEW: Final = 8  # requests at a time, where nobody says how many
_HTTPS_ALONE: Final = "max-age=31536000"

log = structlog.get_logger(__name__)


class Limits(Protocol):
    """Counts a request; raises when there were too many."""

    def __call__(self, route: Route, caller: Caller | None, headers: dict[str, str]) -> None:
        """Put the limit's headers into `headers`, and raise RATE_LIMIT_EXCEEDED beyond it."""
        ...


class Desk:
    """Serves the routes of one office."""

    def __init__(
        self,
        office: Office,
        limits: Limits,
        room: Room | None = None,
        shelf: Shelf | None = None,
        routes: Sequence[Route] = (),
    ) -> None:
        self._office, self._routes, self._limits = office, routes, limits
        self._room = room or Room(_FEW)
        self._shelf = Shelf() if shelf is None else shelf
        secured = office.address.startswith("https://")
        self._metadata = f"{office.address}{METADATA}" if office.address else ""
        self.always = {"Strict-Transport-Security": _HTTPS_ALONE} if secured else {}

    def responder(self, route: Route) -> Callable[..., None]:
        """Return what Falcon calls for a route."""

        def respond(req: falcon.Request, resp: falcon.Response, **params: str) -> None:
            send(self.serve(route, req.env, params), resp, bodiless=req.method == "HEAD")

        return respond

    def serve(self, route: Route, environ: dict[str, Any], params: Mapping[str, str]) -> Reply:
        """Answer one request; every failure becomes an answer too."""
        environ[ROUTE] = route.name
        environ[ORIGIN] = structs.replace(environ[ORIGIN], aim=aim(route.path, params))
        if route.everywhere and SOMEWHERE in environ:
            environ[CALLER] = environ[SOMEWHERE]
            del environ[REFUSAL]
        caller = _asking(route, environ)
        headers = headers_of(environ)
        accept, more = headers.get("accept", ""), dict(self.always)
        setting = Setting(environ[REQUEST_ID], route.dialect, accept, caller, more)
        setting.language = headers.get("accept-language", "")
        try:
            answer = self._answer(route, environ, params, headers, setting)
            return answered(unless_held(answer, headers), setting)
        except Exception as error:  # noqa: BLE001 - whatever happens is answered
            return self._failed(error, route, environ, setting)

    def again(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes] | None:
        """Answer one request with what stands ready; None if its door must say what is now.

        It is counted and put on record as if it had been read.
        """
        caller: Caller | None = environ.get(CALLER)
        if caller is None:
            return None
        stamp = self._office.database.stamp(caller.organization)
        found = self._shelf.find(key_of(caller, environ), stamp)
        if found is None:
            return None
        route, more = found.route, dict(self.always)
        environ[ROUTE] = route.name
        try:
            self._limits(route, caller, more)
            self._office.read_again(caller, environ[ORIGIN], found.acts)
        except Exception as error:  # noqa: BLE001 - as above
            accept = environ.get("HTTP_ACCEPT", "")
            setting = Setting(environ[REQUEST_ID], route.dialect, accept, caller, more)
            return spelled(self._failed(error, route, environ, setting))
        held = environ.get("HTTP_IF_NONE_MATCH")
        whole = held is None or not is_held({"if-none-match": held}, found.answer.tag)
        told = found.whole if whole else found.spared
        return told.saying(passing(caller, more))

    def _failed(
        self, error: Exception, route: Route, environ: dict[str, Any], setting: Setting
    ) -> Reply:
        if isinstance(error, CounterfoilError):
            environ[FAILED] = error.code
            setting.scope, setting.metadata = _scope(route), self._metadata
            return failed(self._recorded(error, route, environ), setting)
        if has_no_room(error):
            return failed(no_room(), setting)
        if isinstance(error, DBAPIError | PoolTimeout):
            log.error("database failed", request_id=setting.request_id, exc_info=error)
            detail = "The database cannot be reached. Nothing is known to have been changed."
            return failed(Unserved(Code.NOT_READY, detail), setting)
        told = {"request_id": setting.request_id, "error": type(error).__name__}
        log.error("unhandled error", **told, exc_info=error)
        return failed(Unserved(Code.INTERNAL_ERROR, "This is our fault."), setting)

    def _answer(
        self,
        route: Route,
        environ: dict[str, Any],
        params: Mapping[str, str],
        headers: dict[str, str],
        setting: Setting,
    ) -> Answer:
        self._let_in(route, environ, setting)
        caller = setting.caller
        if caller is not None and route.operation:
            self._admit(caller, route)
        if route.dialect.picky and not route.media:
            accepts(setting.accept)
        route.dialect.hear(headers)
        query = Query.parse(environ.get("QUERY_STRING", ""), route.allowed)
        raw = taken(route, environ, self._room)
        if caller is not None and declared(environ) != 0:
            caller = self._readmitted(route, caller, environ)
        if route.conditional and headers.get("if-match", ANY_VERSION).strip() == ANY_VERSION:
            raise Unconditional(
                Code.PRECONDITION_REQUIRED, "Say in If-Match which version you looked at."
            )
        heard = {} if route.lasting else headers
        deferred = defers(route, headers)
        told = setting.committed.append
        office = self._office if route.lasting else self._office.telling(told, waits=not deferred)
        asked = Asked(
            anyone=caller,
            origin=environ[ORIGIN],
            office=office,
            params=params,
            query=query,
            headers=heard,
            cookies=cookies_in(heard.get("cookie", "")),
            raw=raw,
            versioned=route.conditional or route.versioned,
            pieces=partial(pieces, environ, self._room),
            routes=self._routes,
        )
        if route.idempotent:
            answer = idempotency.once(route, asked, environ["PATH_INFO"], setting.committed)
            return settled(answer, office, setting.committed, deferred=deferred)
        if route.lasting and caller is not None:
            return self._kept(route, asked, caller, environ)
        return handled(route, asked, setting.committed, deferred=deferred)

    def _kept(
        self, route: Route, asked: Asked, caller: Caller, environ: Mapping[str, Any]
    ) -> Answer:
        """Ask a door, and have ready what it said; what it reads is read after the stamp.

        Where the body says what is asked, that may stand ready already.
        """
        key = key_of(caller, environ, None if route.takes is None else asked.raw)
        stamp = self._office.database.stamp(caller.organization)
        found = self._shelf.find(key, stamp)
        if found is not None:
            self._office.read_again(caller, asked.origin, found.acts)
            return found.answer
        answer = route.handle(asked)
        if key is not None and stamp is not None:
            found = ready(route, asked, answer, stamp, environ.get("HTTP_ACCEPT", ""))
            if found is not None:
                self._shelf.keep(key, found)
        return answer

    def _let_in(self, route: Route, environ: dict[str, Any], setting: Setting) -> None:
        """Raise what the gate said, unless the door is open to anybody; count the request."""
        refusal: CounterfoilError | None = environ.get(REFUSAL)
        if route.pairs and PAIR in environ:
            setting.caller = environ[CALLER] = environ[PAIR]()
            del environ[REFUSAL]
        elif refusal is not None and not is_spared(route, refusal):
            self._limits(route, environ.get(KNOWN), setting.more)
            raise refusal
        leave(environ)
        if setting.caller is None and not route.open:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        self._limits(route, setting.caller, setting.more)

    def _readmitted(self, route: Route, caller: Caller, environ: Mapping[str, Any]) -> Caller:
        """Return who asks now: a body takes as long to come as whoever sends it likes (I1)."""
        if route.pairs and PAIR in environ:
            caller = environ[PAIR]()
        else:
            caller = self._office.verify_again(caller, environ[ORIGIN].address)
        if route.operation:
            self._admit(caller, route)
        return caller

    def _admit(self, caller: Caller, route: Route) -> None:
        """Return if a caller may try what the address stands for, or one of what it may mean."""
        try:
            self._office.admit(caller, route.operation)
        except Denied:
            if not any(self._admits(caller, other) for other in route.instead):
                raise

    def _admits(self, caller: Caller, doing: str) -> bool:
        with suppress(Denied):
            self._office.admit(caller, doing)
            return True
        return False

    def _recorded(
        self, error: CounterfoilError, route: Route, environ: dict[str, Any]
    ) -> CounterfoilError:
        """Put a refusal on record that no operation put there."""
        flagged = not route.open or DOING in environ  # a live token in an address, at any door
        caller = _asking(route, environ) or (environ.get(KNOWN) if flagged else None)
        doing = environ.get(DOING, route.operation)
        known = status_of(error.code) in _UNRECORDED or error.recorded
        if caller is None or not doing or known:
            return error
        try:
            self._office.refuse(caller, environ[ORIGIN], doing, error)
        except (DBAPIError, NoRoomError) as failure:
            why = "The refusal could not be put on record."
            return no_room() if has_no_room(failure) else Unserved(Code.NOT_READY, why)
        return error


def _asking(route: Route, environ: Mapping[str, Any]) -> Caller | None:
    """Return who asks; at an open door nobody does, with whatever credential they come."""
    return None if route.open else environ.get(CALLER)


def _scope(route: Route) -> str:
    """Return which scope an address asks for, so that it can be asked for before it is refused."""
    doing = OPERATIONS.get(route.operation)
    return str(doing.requires) if doing is not None and doing.requires else ""
