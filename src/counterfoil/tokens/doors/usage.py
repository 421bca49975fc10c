"""How tokens were used, over HTTP: a column for each piece of a range, and who used them most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Literal

from counterfoil.gate.record.usage import Outcome
from counterfoil.jsonapi.given import Given, Id, Instant, One
from counterfoil.jsonapi.parameter import id_in, one_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.operation import Work
from counterfoil.tokens.doors import lent, owned
from counterfoil.tokens.doors.shared import shown, token_id
from counterfoil.tokens.doors.wire_token import ApiToken, KeyPair, PersonalToken
from counterfoil.tokens.flag import dismiss_api_flags, dismiss_flags, dismiss_pair_flags
from counterfoil.tokens.model import Token
from counterfoil.tokens.show_usage import show_api_usage, show_pair_usage, show_usage
from counterfoil.tokens.usage_model import Piece, Range, Report, Share

_RANGE: Final = "range"


class OutcomeCounts(Given, frozen=True):
    """How often, by what became of the token.

    `allowed`: it was let in, whatever else became of the request. `forbidden`: 403. `limited`: 429.
    The others are 401: it waited for approval, was disabled, expired or too early, nobody stood
    behind it, it was a former secret of it, or it was revoked.
    """

    allowed: int
    forbidden: int
    limited: int
    pending: int
    disabled: int
    expired: int
    early: int
    orphaned: int
    retired: int
    revoked: int


class SurfaceCounts(Given, frozen=True):
    """How often, by surface; what a token asks of itself counts as management.

    `gate` is how often it came to the APIs of others.
    """

    delivery: int
    preview: int
    management: int
    gate: int


class UsagePiece(Given, frozen=True):
    """What was counted from `at` on, for one step."""

    at: Instant
    counts: OutcomeCounts


class UsageShare(Given, frozen=True):
    """How often a client or a network used it; `refused` of these were not allowed."""

    name: str
    count: int
    refused: int


class UsageFacts(Given, frozen=True):
    """What was counted of a token from `since` to `until`, of which the last step is not over.

    Clients are the first product of a user agent, networks a /24 or a /48; `other` is whatever said
    nothing of itself, or was one too many.
    """

    range: Literal["24h", "7d", "30d"]
    since: Instant
    until: Instant
    step_seconds: int
    total: int
    totals: OutcomeCounts
    surfaces: SurfaceCounts
    buckets: list[UsagePiece]
    clients: list[UsageShare]
    networks: list[UsageShare]
    last_used_at: Instant | None
    last_client: str | None
    last_network: str | None


class TokenUsage(Given, frozen=True, tag_field="type", tag="token_usage"):
    """How a token was used; its id is the token's."""

    id: Id
    attributes: UsageFacts


def _found(show: Callable[[Work, TokenId, Range], Report], asked: Asked) -> Answer:
    """Answer GET …/{id}/usage."""
    range_ = asked.query.one_of(_RANGE, Range) or Range.DAY
    with asked.read() as work:
        found = show(work, token_id(asked), range_)
    return Answer(200, One(_shown(token_id(asked), found)))


def _shown(token: TokenId, found: Report) -> TokenUsage:
    last = found.last
    facts = UsageFacts(
        range=found.range.value,
        since=found.since,
        until=found.until,
        step_seconds=int(found.range.step.total_seconds()),
        total=sum(found.totals.values()),
        totals=_counts(found.totals.get),
        surfaces=SurfaceCounts(
            **dict.fromkeys(SurfaceCounts.__struct_fields__, 0)
            | {one.name: one.count for one in found.surfaces}
        ),
        buckets=[_piece(one) for one in found.pieces],
        clients=_shares(found.clients),
        networks=_shares(found.networks),
        last_used_at=None if last is None else last.at,
        last_client=None if last is None else last.client,
        last_network=None if last is None else last.network,
    )
    return TokenUsage(id=str(token), attributes=facts)


def _piece(piece: Piece) -> UsagePiece:
    return UsagePiece(at=piece.at, counts=_counts(piece.counts.get))


def _counts(count: Callable[[Outcome, int], int]) -> OutcomeCounts:
    return OutcomeCounts(**{one.value: count(one, 0) for one in Outcome})


def _shares(shares: Sequence[Share]) -> list[UsageShare]:
    return [UsageShare(name=one.name, count=one.count, refused=one.refused) for one in shares]


def dismissed(asked: Asked) -> Answer:
    """Answer DELETE /cma/personal_access_tokens/{id}/flags with the token, which has none left."""
    with asked.work() as work:
        token = dismiss_flags(work, token_id(asked))
        body = owned.described(work, token)
    return shown(body, token.version)


def _dismissed(dismiss: Callable[[Work, TokenId], Token], asked: Asked) -> Answer:
    """Answer DELETE …/{id}/flags of what is lent somebody's authority."""
    with asked.work() as work:
        token = dismiss(work, token_id(asked))
        body = lent.described(work, token)
    return shown(body, token.version)


_one = partial(Route, parts=(id_in("id", "The token.", Prefix.TOKEN),))
_route = partial(
    _one,
    "GET",
    gives={200: One[TokenUsage]},
    query=(one_of(_RANGE, "How far to go back; a day if it is left out.", Range),),
)
_PERSONAL: Final = "Personal Access Tokens"
_API: Final = "API tokens"
_PAIRS: Final = "Key-and-secret pairs"
_DISMISS: Final = "Say that what it was flagged for is all right"

ROUTES: Final = (
    _route(
        "/cma/personal_access_tokens/{id}/usage",
        partial(_found, show_usage),
        "token.show_usage",
        "Show how often a personal token was used, by outcome, client and network",
        section=_PERSONAL,
    ),
    _route(
        "/cma/api_tokens/{id}/usage",
        partial(_found, show_api_usage),
        "api_token.show_usage",
        "Show how often an API token was used, by outcome, client and network",
        section=_API,
    ),
    _route(
        "/cma/key_pairs/{id}/usage",
        partial(_found, show_pair_usage),
        "key_pair.show_usage",
        "Show how often the tokens of a pair were used, by outcome, client and network",
        section=_PAIRS,
    ),
    _one(
        "DELETE",
        "/cma/personal_access_tokens/{id}/flags",
        dismissed,
        "token.dismiss_flags",
        _DISMISS,
        gives={200: One[PersonalToken]},
        section=_PERSONAL,
    ),
    _one(
        "DELETE",
        "/cma/api_tokens/{id}/flags",
        partial(_dismissed, dismiss_api_flags),
        "api_token.dismiss_flags",
        _DISMISS,
        gives={200: One[ApiToken]},
        section=_API,
    ),
    _one(
        "DELETE",
        "/cma/key_pairs/{id}/flags",
        partial(_dismissed, dismiss_pair_flags),
        "key_pair.dismiss_flags",
        _DISMISS,
        gives={200: One[KeyPair]},
        section=_PAIRS,
    ),
)
"""What the office serves of usage."""
