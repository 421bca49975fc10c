"""A company whose tokens are tried at a real gate, on a replica that follows the feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from falcon.testing import Result, TestClient
from sqlalchemy import Connection, func, select

from counterfoil import content, directory, tokens
from counterfoil.access.caller import Caller
from counterfoil.access.scope import Scope, Scopes, scopes
from counterfoil.app.anew import anew
from counterfoil.app.counting import counting
from counterfoil.audit.record import entries
from counterfoil.content.tree import create_folder
from counterfoil.directory.doors import policy
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.follow import Outbox
from counterfoil.gate.middleware_wsgi import CALLER, Gate
from counterfoil.gate.record.usage import Usage
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.route import Route, spoken_in
from counterfoil.jsonapi.wsgi import Router, router
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import NodeId, OrganizationId, RequestId, TokenId, UserId
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.approve import approve
from counterfoil.tokens.doors import (
    access_tokens,
    api_tokens,
    current,
    hand_over,
    key_pairs,
    leaks,
    leaks_signed,
    locks,
    personal_tokens,
    policy_impact,
    requests,
    revocation,
    usage,
)
from counterfoil.tokens.model import State
from counterfoil.tokens.request import request_token
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.steps.requests import Decided
from counterfoil.tokens.store import rows as store_rows
from counterfoil.tokens.store import tables
from counterfoil.tokens.wish import Wish
from support.conformance import Conformance
from support.directory import Company
from support.gate import ancestry
from support.office import ORIGIN, StandingClock, office_on

READ: Scopes = scopes(Scope.CONTENT_READ)
WRITE: Scopes = scopes(Scope.CONTENT_WRITE)
PUBLISH: Scopes = scopes(Scope.CONTENT_PUBLISH)
ROUTES: tuple[Route, ...] = (
    *personal_tokens.ROUTES,
    *access_tokens.ROUTES,
    *api_tokens.ROUTES,
    *key_pairs.ROUTES,
    *hand_over.ROUTES,
    *leaks.ROUTES,
    *leaks_signed.ROUTES,
    *locks.ROUTES,
    *requests.ROUTES,
    *policy.ROUTES,
    *policy_impact.ROUTES,
    *revocation.ROUTES,
    *usage.ROUTES,
    *current.ROUTES,
)


def records(tx: Connection) -> Iterable[AnyEvent]:
    """What the gates must know of everything, as the whole office says it."""
    return chain(content.records(tx), directory.records(tx), tokens.records(tx))


@dataclass
class Hall:
    """An office with a gate in front of it: whatever is committed has reached the gate."""

    database: Database
    clock: StandingClock
    path: Path
    entropy: Entropy

    def __post_init__(self) -> None:
        self.replica = Replica(self.path / "replica", map_bytes=1 << 26)
        self.source = Outbox(self.database, records)
        self.replica.catch_up(self.source)
        self.verifier = Verifier(self.replica, self.clock, names=True)
        self.usage = Usage(self.clock)
        self.tally = tokens.Tally(self.database, self.usage)
        self._anew = anew(self.verifier, self.replica, self.source)
        self.office = office_on(self.database, self.clock, self.entropy, self._follow, self._verify)

    def _follow(self, position: int) -> None:
        self.replica.catch_up(self.source, position)

    def _verify(self, caller: Caller, position: int, address: str | None) -> tuple[Caller, int]:
        """Ask the gate again, but for those whom a test has made without one."""
        if caller.credential is None:
            return caller, position
        return self._anew(caller, position, address)

    def verify(
        self, secret: Secret | str, where: OrganizationId | None = None, address: str = ""
    ) -> Caller:
        """Return what a gate makes of a secret now."""
        text = secret.reveal() if isinstance(secret, Secret) else secret
        return self.verifier.verify(text, where, address)

    def refusal(self, secret: Secret | str, where: OrganizationId | None = None) -> str:
        """Return the code with which a gate refuses a secret now; `allowed` if it does not."""
        try:
            self.verify(secret, where)
        except CounterfoilError as error:
            return str(error.code)
        return "allowed"

    def rebuilt(self) -> dict[str, list[tuple[bytes, bytes]]]:
        """Return what a replica holds that is built anew from the database."""
        fresh = Replica(self.path / f"fresh-{self.entropy(8).hex()}", map_bytes=1 << 26)
        try:
            fresh.rebuild(self.source)
            return fresh.dump()
        finally:
            fresh.close()


class Agency(Company):
    """A company at such a hall: Ada the admin, Dan the developer, Rea the reader."""

    def __init__(self, hall: Hall, name: str = "Acme", preset: str = "default") -> None:
        super().__init__(hall.office, name, preset)
        self.hall = hall
        self.dan = self.hire(f"Dan{name}", "developer")
        self.rea = self.hire(f"Rea{name}", "reader")
        self.public = self.folder("public")
        self.press = self.folder("press", self.public)
        self.internal = self.folder("internal")

    def folder(self, slug: str, parent: NodeId | None = None) -> NodeId:
        """Make a folder in the tree."""
        with self.acting(self.ada) as work:
            return create_folder(work, parent or self.root, slug).id

    def ask(self, user: UserId, name: str = "laptop", **wish: Any) -> Requested:
        """Ask for a personal token."""
        wanted = {"scopes": READ, **wish} if "inherit" not in wish else wish
        with self.acting(user) as work:
            return request_token(work, Wish(name=name, **wanted))

    def approve(self, asked: Requested, by: UserId | None = None, **narrower: Any) -> Decided:
        """Approve what was asked for, as the admin."""
        assert asked.request is not None
        with self.acting(by or self.ada) as work:
            return approve(work, asked.request.id, asked.request.version, Wish(**narrower))

    def granted(self, user: UserId, name: str = "laptop", **wish: Any) -> Requested:
        """Ask for a personal token, and have it approved where that is needed."""
        asked = self.ask(user, name, **wish)
        if asked.request is not None:
            self.approve(asked)
        return asked

    def api_token(self, role: str = "reader", by: UserId | None = None, **wish: Any) -> Issued:
        """Make an API token with the authority of a role."""
        asked = {"authority": "role", "subject": self.roles[role].id, **wish}
        with self.acting(by or self.ada) as work:
            return create_api_token(work, Wish(**{"name": "ci", **asked}))

    def state(self, token: TokenId, where: OrganizationId | None = None) -> State:
        """Return the state of a token in the database."""
        return self.token(token).state_in(where or self.id)

    def token(self, id_: TokenId) -> tokens.Token:
        """Return a token as the database has it."""
        with self.office.database.reading() as tx:
            return store_rows.token(tx, self.id, id_, tuple(Kind))

    def bearing(self, secret: Secret | str) -> Caller:
        """Return the caller that a gate makes of a secret."""
        return self.hall.verify(secret, self.id)

    def refusal_at(self, secret: Secret, node: NodeId) -> Code | None:
        """Return why a gate lets a token read nothing at a node now; None if it does."""
        lineage = ancestry(self.hall.verifier.replica, self.id, node)
        try:
            self.bearing(secret).grant.permit(Scope.CONTENT_READ, lineage)
        except CounterfoilError as error:
            return error.code
        return None

    @contextmanager
    def with_token(self, secret: Secret | str) -> Iterator[Any]:
        """Work with a token."""
        with self.office.work(self.bearing(secret), ORIGIN) as work:
            yield work

    def trail(self) -> list[tuple[str, str]]:
        """Return operation and outcome of every audit entry."""
        with self.office.database.reading() as tx:
            rows = tx.execute(
                select(entries.c.operation, entries.c.outcome).order_by(entries.c.position)
            )
            return [(row.operation, row.outcome) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many rows each table of the tokens has, to see that nothing was created."""
        with self.office.database.reading() as tx:
            return {
                table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (tables.tokens, tables.grants, tables.secrets, tables.requests)
            }

    @cached_property
    def doors(self) -> Router:
        """What stands behind every door: to put it together takes longer than most requests."""
        return router(ROUTES, Desk(self.office, lambda *_: None), OPERATIONS)

    def door(self, who: Caller | Secret | None) -> Door:
        """Return the HTTP doors as somebody sees them."""
        return Door(self, who)


class Door:
    """HTTP through guard, gate and desk; a session stands before the desk as a gate leaves it."""

    def __init__(self, agency: Agency, who: Caller | Secret | None) -> None:
        self._who = who
        self._inner = agency.doors
        self._gate = Gate(self._inner, agency.hall.verifier)
        guard = Guard(
            self._front,
            agency.hall.entropy,
            lambda *_: None,
            spoken_in(ROUTES),
            count=counting(agency.hall.usage, ROUTES, OPERATIONS),
        )
        self._client = TestClient(Conformance(guard, ROUTES, OPERATIONS))

    def _front(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if isinstance(self._who, Caller):
            environ[CALLER] = self._who
            return self._inner(environ, start)
        return self._gate(environ, start)

    def __call__(
        self,
        method: str,
        path: str,
        attributes: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        type_: str = "personal_access_token",
        relationships: Mapping[str, Any] | None = None,
        query: str = "",
    ) -> Result:
        """Send a request; with attributes, a JSON:API document."""
        body = None
        if attributes is not None:
            data: dict[str, Any] = {"type": type_, "attributes": dict(attributes)}
            if relationships is not None:
                data["relationships"] = dict(relationships)
            body = json.dumps({"data": data})
        return self.raw(method, path, body, headers, query)

    def raw(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> Result:
        """Send exactly this body."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if isinstance(self._who, Secret):
            sent["Authorization"] = f"Bearer {self._who.reveal()}"
        return self._client.simulate_request(
            method, path, body=body, headers=sent, query_string=query
        )


def code(answer: Result) -> str:
    """Return the code of a failure, in either way of saying it."""
    body = answer.json
    if "errors" in body:
        return str(body["errors"][0]["code"])
    return str(body["data"][0]["attributes"]["details"]["code"])


def pointer(answer: Result) -> str | None:
    """Return what a failure points at, in either way of saying it."""
    body = answer.json
    if "errors" in body:
        found = body["errors"][0].get("source", {}).get("pointer")
    else:
        found = body["data"][0]["attributes"]["details"].get("field")
    return None if found is None else str(found)


def request_of(asked: Requested) -> RequestId:
    """Return the id of the request that must be there."""
    assert asked.request is not None
    return asked.request.id
