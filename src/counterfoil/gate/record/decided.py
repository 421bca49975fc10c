"""Decisions as the gates of a host write them down for the office: rows, and counts of uses.

They are members of lists and have no names there, since there is one for each request: whoever adds
to them adds at the end, with a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from counterfoil.gate.record.usage import Count, Counts, Outcome, Seen, Seens, Use
from counterfoil.kernel.ids import OrganizationId, TokenId

ALLOWED: Final = "allowed"
"""The outcome of what was let through, as the audit trail calls it too."""


class Decided(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a gate decided for a token.

    Attributes:
        at: when, in Unix microseconds.
        organization: where the token speaks.
        user: in whose name.
        token: its id.
        token_name: what it was called then (X3).
        issuer: who made an API token.
        method: the kind of credential.
        api: for which API it was asked.
        route: the method, and the path of the route as its table has it; the method alone where no
            route was found, and nothing where that could not be read either.
        changes: whether it asked for a change, as the table says.
        node: which node it was about, if that was found.
        outcome: ALLOWED, or the code of the refusal.
        request_id: under which the answer went.
        address: from where it came, as the proxy says.
        agent: the client's own claim, without what may be a secret in it.
        late_s: for how long the gate had no lease, where it let this pass in the grace of an API; 0
            as a rule.
    """

    at: int
    organization: int
    user: int | None
    token: int | None
    token_name: str | None
    issuer: int | None
    method: str
    api: int
    route: str | None
    changes: bool
    node: int | None
    outcome: str
    request_id: str
    address: str
    agent: str
    late_s: int = 0


class Counted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How often a token was used in one way: `Use` and `Count`, by its id or by a digest."""

    organization: int
    token: int
    digest: bytes
    outcome: Outcome
    client: str
    network: str
    times: int
    last: float
    first: float


class Met(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a secret was last seen, by which client and from which network."""

    digest: bytes
    at: float
    client: str
    network: str


class Exposed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A token stood in the query of an address, where logs keep it (S11).

    Attributes:
        digest: of the token, which may be nobody's.
        api: for which API it was asked.
        path: the address without its query, without what may be a secret in it.
        request_id: under which it was refused.
        address: from where it came, as the proxy says.
        agent: the client's own claim, without what may be a secret in it.
    """

    digest: bytes
    api: int
    path: str
    request_id: str
    address: str
    agent: str


class Batch(msgspec.Struct, frozen=True, tag="decided", tag_field="line", omit_defaults=True):
    """What was decided within a moment: a row for each request that has one, and counts of all."""

    position: int
    rows: Sequence[Decided] = ()
    counts: Sequence[Counted] = ()
    seen: Sequence[Met] = ()
    exposed: Sequence[Exposed] = ()


def weight_of(batch: Batch) -> int:
    """Return how much there is to take in: rows, counts, and secrets that were seen or exposed."""
    return len(batch.rows) + len(batch.counts) + len(batch.seen) + len(batch.exposed)


def counted(counts: Counts) -> list[Counted]:
    """Return counts as they are written down."""
    return [_counted(use, told) for use, told in counts.items()]


def counts_in(written: Iterable[Counted]) -> Counts:
    """Return them as they were counted."""
    return {
        Use(
            one.digest or (OrganizationId(one.organization), TokenId(one.token)),
            None,
            one.outcome,
            one.client,
            one.network,
        ): Count(one.times, one.last, one.first)
        for one in written
    }


def met(seen: Seens) -> list[Met]:
    """Return which secrets were seen, as that is written down."""
    return [Met(secret, *one) for secret, one in seen.items()]


def seen_in(written: Iterable[Met]) -> Seens:
    """Return it as it was noted."""
    return {one.digest: Seen(one.at, one.client, one.network) for one in written}


def _counted(use: Use, told: Count) -> Counted:
    who, (organization, token) = b"", (0, 0)
    if isinstance(use.who, bytes):
        who = use.who
    else:
        organization, token = use.who
    return Counted(organization, token, who, use.outcome, use.client, use.network, *told)
