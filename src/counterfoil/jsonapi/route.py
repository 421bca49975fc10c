"""Routes: the one table from which the router, the reference and the matrix are made.

A door is a plain function from what was asked to what is answered. It raises the five families of
`kernel.errors` and knows no status of a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

from msgspec import structs

from counterfoil.access.caller import Caller, Origin
from counterfoil.audit.record import Act
from counterfoil.jsonapi.body import (
    FORM_TYPE,
    JSON_TYPES,
    media_type,
    read_form,
    read_json,
    wrong_type,
)
from counterfoil.jsonapi.dialect import JSONAPI, Dialect
from counterfoil.jsonapi.fault import NATIVE, PLAIN
from counterfoil.jsonapi.given import Effect
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.query import Query
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused, Stale
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office
from counterfoil.operation import Operation, Work

T = TypeVar("T")

JSON: Final = (PLAIN, NATIVE)
ANY_VERSION: Final = "*"
"""What If-Match says of whatever is there (RFC 9110 §13.1.1)."""

_VERSION: Final = re.compile(r'"([0-9]{1,15})"')


def _nothing(_largest: int) -> Iterator[bytes]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as a door sees it.

    Attributes:
        anyone: who asks; None at open routes, which ask nobody.
        office: where work begins; a door that acts for its caller says `work` or `read` instead.
        params: what stands in the path's braces.
        headers: by lower-case name.
        raw: the body; empty at a route that `streams`.
        versioned: whether the route says that it reads If-Match.
        acts: takes in what its looks put on record.
        pieces: the body piece by piece, of at most so many bytes, for a route that `streams`. It
            raises BODY_TOO_LARGE beyond them, and INVALID_REQUEST if the body ended early.
        routes: the table in which the route stands, for doors that tell of all of them.
        begin: how work begins; Idempotency-Key holds its commit back until the door has answered.
    """

    anyone: Caller | None
    origin: Origin
    office: Office
    params: Mapping[str, str] = field(default_factory=dict)
    query: Query = field(default_factory=Query)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    versioned: bool = False
    acts: list[Act] = field(default_factory=list)
    pieces: Callable[[int], Iterator[bytes]] = _nothing
    routes: Sequence[Route] = ()
    begin: Callable[[Office, Caller, Origin], AbstractContextManager[Work]] = Office.work

    @property
    def caller(self) -> Caller:
        """Who asks.

        Raises:
            Refused: if nobody said, which only happens at open routes.
        """
        if self.anyone is None:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        return self.anyone

    def work(self) -> AbstractContextManager[Work]:
        """Begin work for the caller: see `Office.work`."""
        return self.begin(self.office, self.caller, self.origin)

    def read(self) -> AbstractContextManager[Work]:
        """Begin to look for the caller: see `Office.read`."""
        return self.office.read(self.caller, self.origin, self.acts)

    def at(self, organization: OrganizationId) -> Asked:
        """Return the same request as its caller makes it in another organization (K13).

        Raises:
            Denied, Refused: if they do not speak there, or not now.
        """
        there = structs.replace(self.caller, organization=organization)
        return replace(self, anyone=self.office.verify_again(there, self.origin.address))

    def speaks_in(self, organization: OrganizationId) -> bool:
        """Say whether the caller speaks in an organization."""
        try:
            self.at(organization)
        except (Denied, Refused):
            return False
        return True

    def struct(self, type_: type[T]) -> T:
        """Read the body into a struct.

        Raises:
            Malformed: if it is no strict JSON, or its media type is not read here.
            Invalid: if the struct does not allow it; `field` points at what.
        """
        name = media_type(self.headers.get("content-type"))
        if name not in JSON_TYPES:
            raise wrong_type(name)
        return read_json(self.raw, type_)

    def form(self) -> dict[str, str]:
        """Read the body as a form, of which no field may stand twice."""
        name = media_type(self.headers.get("content-type"))
        if name != FORM_TYPE:
            raise wrong_type(name)
        return read_form(self.raw)

    def if_match(self) -> int | None:
        """Return the version that the caller looked at; None if any will do, which `*` says too.

        Raises:
            Stale: for a weak tag, which never matches (RFC 9110 §13.1.1).
            Malformed: for what is no version of ours.
        """
        if not self.versioned:
            message = "the route of this door says nothing of If-Match"
            raise RuntimeError(message)
        given = self.headers.get("if-match")
        if given is None or given.strip() == ANY_VERSION:
            return None
        if given.startswith("W/"):
            raise Stale(Code.STALE_VERSION, "A weak tag matches nothing here.")
        version = _VERSION.fullmatch(given.strip())
        if version is None:
            raise Malformed(Code.INVALID_REQUEST, 'If-Match takes one version, like "3".')
        return int(version[1])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answers.

    Attributes:
        body: whatever msgspec can say in JSON; bytes go out as they are.
        secret: whether a secret is in it, so that nobody stores it.
        again: in which member a repeated answer says that its secret was shown; empty where it is
            shown again, for what opens so little and so shortly that it may be kept.
        cookies: the cookies that it gives or takes, each as `Set-Cookie` says it.
        stream: the body in pieces, where it is too large to be held; `headers` say its type and
            length. If it has a `close`, that is called when the last piece is out or nobody waits.
        tag: names the body; whoever says that they hold what it names is answered 304 instead.
        effect: what a body that is JSON already says in `meta` of where a change holds.
    """

    status: int
    body: object | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False
    again: str = "meta"
    stream: Iterable[bytes] | None = None
    tag: str = ""
    cookies: tuple[str, ...] = ()
    effect: Effect | None = None


class Empty:
    """What a route gives whose success has a status that could have a body, and none."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one address.

    Attributes:
        operation: its name in OPERATIONS, which must admit the caller before the body is read;
            empty for open routes that perform none.
        also: further operations that its door may perform.
        instead: operations that may admit the caller in its place, where the body says which of
            them is asked for: the door performs whichever that is.
        takes: the struct of the body, whose structs must all refuse unknown members.
        example: such a body, for the reference; every one of them is sent to a real server by the
            tests.
        optional: whether the body may be left out.
        reads: the media types in which it takes a body.
        gives: each status of success with the type of its body; bytes for a file, None where the
            status has no body.
        fails: the codes with which its verbs fail, beside those that follow from all the rest
            (`openapi_codes.codes`).
        parts: what stands in the path's braces.
        place: the one of them that names the organization in which the resource is (K13).
        query: the parameters that it allows, such as `page[size]`.
        asks: the request headers that its door looks at, beside those of its dialect.
        everywhere: whether it is asked of all organizations of whoever asks, who names none.
        open: whether it needs no credential.
        heeds: the security schemes that make a difference to an open route.
        pairs: whether a key and its secret open it too, in HTTP Basic, in a token's place.
        section: where the reference lists it.
        idempotent: whether it honours Idempotency-Key. Such a door opens one `asked.work`, which
            is committed when the door has answered: `work.position` is not yet known to it.
        conditional: whether it demands If-Match.
        versioned: whether it honours If-Match where it is given.
        media: the media type of its success where that is not JSON.
        streams: whether its door reads the body itself, in `Asked.pieces`.
        lasting: whether its answer hangs on nothing but the caller's token, what they may see, the
            address, the query, Accept and the body that it takes, and stays the same while nothing
            is committed that may concern their organization. Its door sees no other header.
        page: for whom it is at a browser, if it is a page: `anybody`, or a `person` who is signed
            in. No token opens it: it asks the cookie. The reference for programs leaves it out.
    """

    method: str
    path: str
    handle: Callable[[Asked], Answer]
    operation: str
    summary: str
    gives: Mapping[int, type | None] = field(default_factory=dict)
    takes: type | None = None
    example: object = None
    optional: bool = False
    reads: tuple[str, ...] = JSON
    fails: tuple[Code, ...] = ()
    parts: tuple[Parameter, ...] = ()
    place: str = ""
    everywhere: bool = False
    query: tuple[Parameter, ...] = ()
    asks: tuple[Parameter, ...] = ()
    dialect: Dialect = JSONAPI
    open: bool = False
    heeds: tuple[str, ...] = ()
    pairs: bool = False
    section: str = ""
    idempotent: bool = False
    conditional: bool = False
    versioned: bool = False
    media: str = ""
    also: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    streams: bool = False
    lasting: bool = False
    page: Literal["", "anybody", "person"] = ""
    allowed: frozenset[str] = field(init=False, repr=False)
    name: str = field(init=False, repr=False)

    def performs(self, operations: Mapping[str, Operation]) -> tuple[Operation, ...]:
        """Return the operations that its door may perform, the one that it is called by first."""
        names = (self.operation, *self.instead, *self.also)
        return tuple(operations[name] for name in names if name in operations)

    def __post_init__(self) -> None:
        object.__setattr__(self, "allowed", frozenset(one.allowed for one in self.query))
        object.__setattr__(self, "name", f"{self.method} {self.path}")


def spoken_in(routes: Iterable[Route]) -> tuple[Dialect, ...]:
    """Return the dialects of these routes, each once."""
    return tuple(dict.fromkeys(route.dialect for route in routes if route.dialect is not JSONAPI))
