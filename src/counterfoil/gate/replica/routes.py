"""Routes in the books: the table of each API, and the nodes that it knows by keys of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from counterfoil.access.scope import AnyScope
from counterfoil.feed.event import ApiRouted, ResourcePlaced, ResourceRemoved
from counterfoil.gate.replica.apis import Apis
from counterfoil.gate.replica.records import ID, ID_BYTES, LIMITS, PAIR
from counterfoil.gate.replica.tree import Tree
from counterfoil.gate.replica.txn import Database, Txn, rows_under
from counterfoil.routing.address import Address
from counterfoil.routing.table import Route, Table, Taken

KEY_BYTES: Final = 400
"""A resource's key has at most so many: the books could not even be asked for a longer one."""

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(ApiRouted)


class Limits(NamedTuple):
    """What the policy of an organization asks of each request at a gate.

    Attributes:
        rate: how many requests a second each of its tokens may make; None for any number.
        strict: whether everything is on record before it is answered.
    """

    rate: float | None
    strict: bool


NO_LIMITS: Final = Limits(None, strict=False)
UNKNOWN: Final = Limits(None, strict=True)
"""Where the books do not know the organization yet."""


class Routed(NamedTuple):
    """An API as a gate decides for it.

    Attributes:
        organization: whose it is: a token has to speak there.
        scopes: those of its own, by their spelling; no route asks for others.
        preflights: whether browsers of other origins may ask what they may do.
        limits: what the policy of its organization asks of each request.
        grace_s: for so many seconds after its lease a gate may let reads pass.
    """

    organization: int
    api: int
    table: Table
    scopes: dict[str, AnyScope]
    preflights: bool
    limits: Limits
    grace_s: int = 0


class Way(NamedTuple):
    """Which route a request takes.

    Attributes:
        routed: of which API.
        taken: which one; None if none is listed for it.
        key: what it calls the node that it is about, if it says so.
        address: as it was read.
    """

    routed: Routed
    taken: Taken | None
    key: str | None
    address: Address


class Routes:
    """The tables of all APIs, and their resources: API and key → node."""

    def __init__(self, books: Mapping[str, Database], tree: Tree) -> None:
        self._routes = books["routes"]
        self._resources = books["resources"]
        self._organizations = books["organizations"]
        self._tree = tree

    def routed(self, txn: Txn, api: int, apis: Apis) -> Routed | None:
        """Return an API with its table, ready to be asked; None if it has none."""
        found = txn.get(ID.pack(api), None, self._routes)
        if found is None:
            return None
        (organization,) = ID.unpack_from(found)
        said = _decoder.decode(found[ID_BYTES:])
        return Routed(
            organization=organization,
            api=api,
            table=_table(said),
            scopes={scope.spelling: scope for scope in apis.of(txn, organization, api)},
            preflights=said.preflights,
            grace_s=said.grace_seconds,
            limits=self.limits(txn, organization),
        )

    def limits(self, txn: Txn, organization: int) -> Limits:
        """Return what the policy of an organization asks of each request."""
        kept = txn.get(ID.pack(organization), None, self._organizations)
        if kept is None:
            return UNKNOWN
        *_, rate, strict = LIMITS.unpack_from(kept)
        return Limits(rate if rate > 0 else None, strict)

    def node(self, txn: Txn, api: int, key: str) -> int | None:
        """Return the node that an API calls by this key; None if it has none of that name."""
        packed = _key(api, key)
        found = txn.get(packed, None, self._resources) if len(packed) <= KEY_BYTES else None
        return None if found is None else int(ID.unpack_from(found)[0])

    def put(self, txn: Txn, organization: int, event: ApiRouted) -> None:
        """Let these be the routes of an API, and no others."""
        _table(event)
        value = ID.pack(organization) + _encoder.encode(event)
        txn.put(ID.pack(event.api), value, db=self._routes)

    def place(self, txn: Txn, organization: int, event: ResourcePlaced) -> None:
        """Let a node be what an API calls so, in its place."""
        value = PAIR.pack(event.node, organization)
        txn.put(_key(event.api, event.key), value, db=self._resources)
        self._tree.place(txn, organization, event.node, event.parent or 0)

    def remove(self, txn: Txn, organization: int, event: ResourceRemoved) -> None:
        """Forget what an API called so."""
        txn.delete(_key(event.api, event.key), db=self._resources)
        self._tree.remove(txn, organization, event.node)

    def strike(self, txn: Txn, organization: int, api: int) -> None:
        """Forget the routes and all resources of an API of this organization."""
        home = ID.pack(api)
        kept = txn.get(home, b"", self._routes)
        if kept.startswith(ID.pack(organization)):
            txn.delete(home, db=self._routes)
        gone = []
        for key, value in rows_under(txn, self._resources, home):
            node, whose = PAIR.unpack(value)
            if whose == organization:
                gone.append(node)
                txn.delete(key, db=self._resources)
        for node in gone:
            self._tree.remove(txn, organization, node)


def _key(api: int, key: str) -> bytes:
    return ID.pack(api) + key.encode()


def _table(said: ApiRouted) -> Table:
    return Table(
        Route(frozenset(one.methods), one.path, one.scope, one.node, one.changes)
        for one in said.routes
    )
