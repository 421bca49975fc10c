"""The replica's books: named databases of one environment, so that one transaction sees one state.

tokens         digest                     one live secret: what its token may do, and its name
ids            one for all                tokens, each with what its digests begin with
grants         token, organization        bounds of a token that has several organizations
members        user, organization         a membership
roles          role                       what a role allows
scopes         organization, spelling     a custom scope: its API and its number
routes         api                        its organization, and the table of its routes
resources      api, key                   the node that an API calls so
nodes          organization, node         its parent and its path
children       organization, node         the nodes under it
cutoffs        subject                    up to which position its credentials are dead;
                                          and a word, while everybody's are for now
organizations  organization               the limits that gates keep for it
fences         organization               from where and to whom its tokens are good
meta           a word                     position, epoch, generation

They bear the number of their layout in the file, so no program takes those of another for its own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

import lmdb

from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiRouted,
    ApiStruck,
    CutOff,
    EpochRecorded,
    MemberRecorded,
    NodePlaced,
    NodeRemoved,
    OrganizationRecorded,
    ResourcePlaced,
    ResourceRemoved,
    RoleRecorded,
    RoleStruck,
    SecretTaken,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.gate.replica.apis import Apis
from counterfoil.gate.replica.fence import pack_fence
from counterfoil.gate.replica.records import (
    ID,
    ID_BYTES,
    PAIR,
    pack_limits,
    pack_member,
    pack_role,
)
from counterfoil.gate.replica.routes import Routes
from counterfoil.gate.replica.tokens import STUB_BYTES, Tokens
from counterfoil.gate.replica.tree import Tree
from counterfoil.gate.replica.txn import Row, Txn

LAYOUT: Final = 3
"""Of the books. Those that were written in another are unread, and built anew (`former.py`)."""

NAMES: Final = (
    "tokens",
    "ids",
    "grants",
    "members",
    "roles",
    "scopes",
    "routes",
    "resources",
    "nodes",
    "children",
    "cutoffs",
    "organizations",
    "fences",
)

META: Final = "meta"

SETS: Final[Mapping[str, int]] = {"ids": ID_BYTES + STUB_BYTES, "children": ID_BYTES}
"""The books in which several values stand under one key, each of so many bytes."""

EVERYBODY: Final = ID.pack(0)
"""Under this key the cut-offs hold two positions: everybody's, and the latest of them all."""
QUARANTINE: Final = b"quarantine"
"""Under this key stands something among the cut-offs while nothing verifies."""

_WRONG: Final = (KeyError, struct.error, OverflowError, ValueError, TypeError)
"""What comes of an event that this gate cannot hold."""


def in_file(name: str) -> bytes:
    """Return what a book is called in the file."""
    return f"{name} {LAYOUT}".encode()


class Books:
    """The named databases, and the one way in which an event is written into them."""

    def __init__(self, env: lmdb.Environment) -> None:
        opened = {
            name: env.open_db(in_file(name), dupsort=name in SETS, dupfixed=name in SETS)
            for name in (*NAMES, META)
        }
        self.by_name: Final = {name: opened[name] for name in NAMES}
        self.tokens = opened["tokens"]
        self.grants = opened["grants"]
        self.by_id: Final = Tokens(opened["tokens"], opened["ids"], opened["grants"])
        self.members = opened["members"]
        self.roles = opened["roles"]
        self.apis: Final = Apis(opened["scopes"])
        self.tree: Final = Tree(opened["nodes"], opened["children"])
        self.routes: Final = Routes(opened, self.tree)
        self.cutoffs = opened["cutoffs"]
        self.organizations = opened["organizations"]
        self.fences = opened["fences"]
        self.meta = opened[META]
        self._rows: Final[dict[type, Callable[[Any], list[Row]]]] = {
            TokenRecorded: self.by_id.rows,
            MemberRecorded: self._member,
            RoleRecorded: self._role,
            OrganizationRecorded: self._organization,
        }
        self._acts: Final[dict[type, Callable[[Txn, Any], None]]] = {
            TokenStruck: self._no_token,
            RoleStruck: self._no_role,
            ApiRecorded: self._api,
            ApiStruck: self._no_api,
            ApiRouted: self._routed,
            ResourcePlaced: self._resource,
            ResourceRemoved: self._no_resource,
            CutOff: self._cut_off,
            EpochRecorded: self._epoch,
            SecretTaken: _nothing,
            NodePlaced: self._node,
            NodeRemoved: self._no_node,
        }

    def write(self, txn: Txn, event: AnyEvent) -> None:
        """Make the event true.

        Raises:
            UnknownEventError: for an event that this gate does not know or cannot hold.
        """
        rows = self.rows(event)
        if type(event) is TokenRecorded:
            self.by_id.strike(txn, event.token, event.struck)
        for database, key, value in rows or ():
            txn.put(key, value, db=database)
        if rows is None:
            try:
                self._acts[type(event)](txn, event)
            except _WRONG as error:
                raise _unkeepable(event, error) from error

    def rows(self, event: AnyEvent) -> list[Row] | None:
        """Return what stands in the books for a record; None if it takes more than writing it.

        Raises:
            UnknownEventError: for a record that this gate cannot hold.
        """
        rows = self._rows.get(type(event))
        try:
            return None if rows is None else rows(event)
        except _WRONG as error:
            raise _unkeepable(event, error) from error

    def empty(self, txn: Txn) -> None:
        """Forget everything but the meta words."""
        for database in self.by_name.values():
            txn.drop(database, delete=False)

    def _no_token(self, txn: Txn, event: TokenStruck) -> None:
        self.by_id.strike(txn, event.token, event.digests)

    def _member(self, event: MemberRecorded) -> list[Row]:
        return [(self.members, PAIR.pack(event.user, _of(event)), pack_member(event))]

    def _role(self, event: RoleRecorded) -> list[Row]:
        _of(event)
        return [(self.roles, ID.pack(event.role), pack_role(event))]

    def _no_role(self, txn: Txn, event: RoleStruck) -> None:
        txn.delete(ID.pack(event.role), db=self.roles)

    def _api(self, txn: Txn, event: ApiRecorded) -> None:
        self.apis.put(txn, _of(event), event.api, event.scopes)

    def _no_api(self, txn: Txn, event: ApiStruck) -> None:
        self.apis.strike(txn, _of(event), event.api)
        self.routes.strike(txn, _of(event), event.api)

    def _routed(self, txn: Txn, event: ApiRouted) -> None:
        self.routes.put(txn, _of(event), event)

    def _resource(self, txn: Txn, event: ResourcePlaced) -> None:
        self.routes.place(txn, _of(event), event)

    def _no_resource(self, txn: Txn, event: ResourceRemoved) -> None:
        self.routes.remove(txn, _of(event), event)

    def _cut_off(self, txn: Txn, event: CutOff) -> None:
        """A cut-off only ever moves on: what is dead stays dead (S20)."""
        everybody, latest = PAIR.unpack(txn.get(EVERYBODY, bytes(PAIR.size), db=self.cutoffs))
        if event.subject:
            key = ID.pack(event.subject)
            (before,) = ID.unpack(txn.get(key, bytes(ID.size), db=self.cutoffs))
            txn.put(key, ID.pack(max(before, event.at)), db=self.cutoffs)
        else:
            everybody = max(everybody, event.at)
        txn.put(EVERYBODY, PAIR.pack(everybody, max(latest, event.at)), db=self.cutoffs)

    def latest_cut(self, txn: Txn) -> int:
        """Return the latest position at which anybody was cut off; 0 if nobody ever was."""
        _, latest = PAIR.unpack(txn.get(EVERYBODY, bytes(PAIR.size), db=self.cutoffs))
        return int(latest)

    def _epoch(self, txn: Txn, event: EpochRecorded) -> None:
        if event.quarantined:
            txn.put(QUARANTINE, b"\1", db=self.cutoffs)
        else:
            txn.delete(QUARANTINE, db=self.cutoffs)

    def is_quarantined(self, txn: Txn) -> bool:
        """Say whether nothing verifies, for the database was restored."""
        return txn.get(QUARANTINE, None, self.cutoffs) is not None

    def _node(self, txn: Txn, event: NodePlaced) -> None:
        self.tree.place(txn, _of(event), event.node, event.parent or 0)

    def _no_node(self, txn: Txn, event: NodeRemoved) -> None:
        self.tree.remove(txn, _of(event), event.node)

    def _organization(self, event: OrganizationRecorded) -> list[Row]:
        of = ID.pack(_of(event))
        return [(self.organizations, of, pack_limits(event)), (self.fences, of, pack_fence(event))]


def _nothing(_txn: Txn, _event: SecretTaken) -> None:
    """Keep nothing of what opens no gate."""


def _unkeepable(event: AnyEvent, error: Exception) -> UnknownEventError:
    return UnknownEventError(f"{type(event).__name__} cannot be kept: {error!r}")


def _of(event: AnyEvent) -> int:
    """Return the organization of an event that must have one."""
    if event.organization is None:
        message = "it names no organization"
        raise ValueError(message)
    return event.organization
