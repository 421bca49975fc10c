"""Many tokens: organizations, members and nodes enough that nothing lies in a cache by accident."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from counterfoil.access.role import DEVELOPER
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import (
    AnyEvent,
    GrantRecord,
    MemberRecorded,
    NodePlaced,
    OrganizationRecorded,
    RoleRecorded,
    SecretRecord,
    TokenRecorded,
)
from counterfoil.feed.source import Inventory, Untied
from counterfoil.gate.replica import Replica, proof
from counterfoil.gate.replica.tokens import pack_token
from counterfoil.gate.replica.txn import Txn
from counterfoil.secret import Kind, Secret, digest

ORGANIZATIONS: Final = 100
NODES: Final = 100
"""So many entries in each organization, each below three folders."""
PER_MEMBER: Final = 5
KNOWN: Final = 5000
_LOWEST: Final = 10**15
_HIGHEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Known:
    """A token whose secret the benchmark knows, and what it may touch."""

    text: str
    token: int
    user: int
    organization: int
    inside: int
    outside: int


@dataclass
class World:
    """So many tokens, the same for the same seed."""

    tokens: int
    seed: int = 1
    known: list[Known] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - made up, the same each time
        self.expires_at = int((time.time() + 30 * 86_400) * 1e6)
        self.base: list[AnyEvent] = []
        self.inside: dict[int, list[int]] = {}
        self.sites: dict[int, int] = {}
        self.outside: dict[int, int] = {}
        self.members: list[tuple[int, int]] = []
        for organization in (self.id() for _ in range(ORGANIZATIONS)):
            self._found(organization)

    def id(self) -> int:
        """Draw an id."""
        return self.dice.randrange(_LOWEST, _HIGHEST)

    def _found(self, organization: int) -> None:
        role, root, site, folder = (self.id() for _ in range(4))
        self.base += [
            OrganizationRecorded(
                organization=organization,
                name="Acme",
                management_limit=30,
                management_window_ms=3000,
            ),
            RoleRecorded(organization=organization, role=role, scopes=DEVELOPER),
            NodePlaced(organization=organization, node=root, parent=None),
            NodePlaced(organization=organization, node=site, parent=root),
            NodePlaced(organization=organization, node=folder, parent=site),
        ]
        self.sites[organization], self.outside[organization] = site, root
        self.inside[organization] = [self.id() for _ in range(NODES)]
        self.base += [
            NodePlaced(organization=organization, node=n, parent=folder)
            for n in self.inside[organization]
        ]
        for _ in range(max(1, self.tokens // ORGANIZATIONS // PER_MEMBER)):
            user = self.id()
            self.members.append((user, organization))
            self.base.append(
                MemberRecorded(organization=organization, user=user, active=True, roles=(role,))
            )

    def events(self) -> Iterator[AnyEvent]:
        """Yield all of it, once; every so many tokens one that the benchmark knows."""
        yield from self.base
        every = max(1, self.tokens // KNOWN)
        for n in range(self.tokens):
            if n % every == 0:
                yield self.know(n)
            else:
                user, organization = self.members[n % len(self.members)]
                yield self.token(n, user, organization, self.dice.randbytes(32), self.id())

    def know(self, n: int) -> TokenRecorded:
        """Make a token and remember its secret."""
        user, organization = self.members[n % len(self.members)]
        text = Secret.mint(Kind.PERSONAL, self.dice.randbytes).reveal()
        inside = self.dice.choice(self.inside[organization])
        known = Known(text, self.id(), user, organization, inside, self.outside[organization])
        self.known.append(known)
        return self.token(n, user, organization, digest(text), known.token)

    def token(self, n: int, user: int, organization: int, key: bytes, id_: int) -> TokenRecorded:
        """One token as the feed tells it: a personal one, restricted to a root."""
        grant = GrantRecord(
            organization, "active", DEVELOPER, ALL_SURFACES, (self.sites[organization],)
        )
        return TokenRecorded(
            organization=organization,
            token=id_,
            letter="p",
            name=f"ci-schema-export-{n % 1000}",
            authority="user",
            subject=user,
            expires_at=self.expires_at + n,
            position=n,
            secrets=(SecretRecord(key),),
            grants=(grant,),
        )


class Stream(Untied):
    """A feed that makes its events up as they are read, so that no list fills the memory."""

    def __init__(self, events: Iterator[AnyEvent]) -> None:
        self._events = events
        self._position = 0

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return the next events; each is there once."""
        if position != self._position:
            message = f"read up to {self._position}, asked after {position}"
            raise ValueError(message)
        found = []
        for event in self._events:
            self._position += 1
            found.append((self._position, event))
            if len(found) == limit:
                break
        return found

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """The same as records."""
        yield Inventory(1, 1, self._events)


def fill_sorted(replica: Replica, world: World) -> None:
    """Fill a replica with very many tokens in the order of their keys, as fast as it goes.

    The tokens that nobody presents have keys at even distances and one value; names are left out.
    It is written past the tally, so all is counted in the end: nobody takes it for damage then.
    """
    place, generation = replica.place(), replica.generation()
    uncounted = place.proof._replace(is_counted=False)

    def fill(txn: Txn) -> None:
        for event in world.base:
            replica.books.write(txn, event)
        user, organization = world.members[0]
        value = pack_token(world.token(0, user, organization, bytes(32), 1), None)
        step = (1 << 256) // world.tokens
        with txn.cursor(replica.books.tokens) as cursor:
            keys = ((n * step + 1).to_bytes(32) for n in range(world.tokens))
            cursor.putmulti(((key, value) for key in keys), append=True)
        for n in range(KNOWN):
            replica.books.write(txn, world.know(n))
        proof.write(txn, replica.books.meta, place.position, generation, uncounted)

    replica.write(fill)
    replica.count(lambda: None)
