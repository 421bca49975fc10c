"""A small organization as a gate knows it, and a feed that is a list."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from msgspec import structs

from counterfoil.access.role import DEVELOPER, READER
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import (
    AnyEvent,
    Authority,
    GrantRecord,
    MemberRecorded,
    NodePlaced,
    OrganizationRecorded,
    RoleRecorded,
    SecretRecord,
    State,
    TokenRecorded,
)
from counterfoil.feed.source import Inventory, Untied
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import micros
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.secret import Kind, Secret, digest
from support.office import START

BASE = 10**15
ACME = BASE + 1
OTHER = BASE + 2
BEN = BASE + 11
RITA = BASE + 12
DEV = BASE + 21
READ = BASE + 22
OTHER_DEV = BASE + 23
ROOT, SITE, PUBLIC, POST, PRESS = (BASE + 31 + n for n in range(5))
NOW = micros(START)
SECOND = 1_000_000

WORLD: tuple[AnyEvent, ...] = (
    OrganizationRecorded(
        organization=ACME, name="Acme", management_limit=30, management_window_ms=3000
    ),
    RoleRecorded(organization=ACME, role=DEV, scopes=DEVELOPER),
    RoleRecorded(organization=ACME, role=READ, scopes=READER),
    RoleRecorded(organization=OTHER, role=OTHER_DEV, scopes=DEVELOPER),
    MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV,)),
    MemberRecorded(organization=ACME, user=RITA, active=True, roles=(READ,)),
    NodePlaced(organization=ACME, node=ROOT, parent=None),
    NodePlaced(organization=ACME, node=SITE, parent=ROOT),
    NodePlaced(organization=ACME, node=PUBLIC, parent=SITE),
    NodePlaced(organization=ACME, node=POST, parent=PUBLIC),
    NodePlaced(organization=ACME, node=PRESS, parent=SITE),
)

_dice = random.Random(7)


def mint(kind: Kind = Kind.PERSONAL) -> str:
    """Make a token string."""
    return Secret.mint(kind, _dice.randbytes).reveal()


def bounds(  # noqa: PLR0917 - a grant has that many sides
    organization: int = ACME,
    state: State = "active",
    scopes: int | None = None,
    surfaces: int = ALL_SURFACES,
    roots: tuple[int, ...] | None = None,
    custom: tuple[int, ...] = (),
    ceiling: tuple[int, ...] | None = None,
) -> GrantRecord:
    return GrantRecord(organization, state, scopes, surfaces, roots, custom, ceiling)


def under(
    grant: GrantRecord | None = None,
    *,
    networks: tuple[str, ...] | None = None,
    rate: tuple[int, int] | None = None,
    not_before: int | None = None,
) -> GrantRecord:
    """A grant that holds under these conditions."""
    return structs.replace(grant or bounds(), networks=networks, rate=rate, not_before=not_before)


def record(  # noqa: PLR0913 - a token has that many sides
    text: str,
    *grants: GrantRecord,
    token: int = BASE + 101,
    authority: Authority = "user",
    subject: int | None = BEN,
    expires_at: int | None = NOW + 60 * SECOND,
    position: int = 1,
    dies_at: int | None = None,
    parent: int | None = None,
    authenticated_at: int | None = None,
    name: str = "ci-schema-export",
    struck: tuple[bytes, ...] = (),
    vouched_in: tuple[int, ...] | None = (),
) -> TokenRecorded:
    letter = text[2]
    return TokenRecorded(
        organization=None if letter == Kind.SESSION else ACME,
        token=token,
        letter=letter,
        name=name,
        authority=authority,
        subject=subject,
        expires_at=expires_at,
        position=position,
        secrets=(SecretRecord(digest(text), dies_at),),
        grants=grants or (() if letter == Kind.SESSION else (bounds(),)),
        parent=parent,
        authenticated_at=authenticated_at,
        struck=struck,
        vouched_in=vouched_in,
    )


@dataclass
class ListFeed(Untied):
    """An office whose books are two lists: what happened, and what is."""

    events: list[AnyEvent] = field(default_factory=list)
    records: list[AnyEvent] = field(default_factory=list)
    epoch: int = 1

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        after = self.events[position : position + limit]
        return list(enumerate(after, position + 1))

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        yield Inventory(self.epoch, len(self.events), list(self.records))


def tell(replica: Replica, *events: AnyEvent) -> None:
    """Let a replica follow some more."""
    at = replica.position()
    for step, event in enumerate(events, at + 1):
        replica.apply(step, event)


def ancestry(replica: Replica, organization: int, node: int) -> set[NodeId]:
    """Where a node stands: it and all above it, as the books know them now."""
    return set(replica.read(lambda txn: replica.books.tree.lineage(txn, organization, node)))


def environ(token: str | None = None, **more: str) -> dict[str, str]:
    """A request that presents this."""
    given = {} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    return given | more


def everything(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """All the events of the world, then these."""
    return [*WORLD, *events]


def why(verifier: Verifier, text: str, organization: int | None = None) -> Code:
    """The code with which a token is turned away."""
    with pytest.raises(CounterfoilError) as refusal:
        verifier.verify(text, None if organization is None else OrganizationId(organization))
    return refusal.value.code
