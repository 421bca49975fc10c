"""Usage: which token came how often, with what outcome, where, by which client, from which network.

A request pays for two look-ups and an addition in the memory of its process; whoever owns a
database takes the counts out of there every few seconds. What a crash loses is those seconds (R16).

Whoever sends requests chooses what their client is called and, with IPv6, from where they come. So
a turn, the time between two takings, remembers so many of either, and calls the rest `other`.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from counterfoil.access.caller import Caller, Method
from counterfoil.access.surface import Surface
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import FAMILY, Code, Denied
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.kernel.networks import network_of
from counterfoil.secret import redacted

OTHER: Final = "other"
"""What found no room, and what says nothing of itself."""

PER_TOKEN: Final = 32
"""So many clients and networks of one token are told apart in one turn."""
MOST: Final = 16_384
"""So many counts of known tokens a turn holds; beyond twice that it drops what is new."""
STRANGERS: Final = 1_024
"""So many counts of secrets that the gate does not know: nearly all of them are nobody's."""
CLIENT_CHARS: Final = 48

REMEMBERED: Final = 4_096
"""So many user agents and addresses a process knows the names of, so as not to read them again."""

_PRODUCT: Final = re.compile(rf"[!-~]{{1,{CLIENT_CHARS}}}")


class Outcome(StrEnum):
    """What became of a request by its token."""

    __hash__ = str.__hash__  # an enum's own is a function in Python, and each request asks it

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    LIMITED = "limited"
    PENDING = "pending"
    DISABLED = "disabled"
    EXPIRED = "expired"
    EARLY = "early"
    """It works from a later instant on."""
    ORPHANED = "orphaned"
    """Nobody stands behind the token, or nobody who is active."""
    RETIRED = "retired"
    """It was a former secret of a token that lives on."""
    REVOKED = "revoked"


VERIFIED: Final = frozenset({Outcome.ALLOWED, Outcome.FORBIDDEN, Outcome.LIMITED})
"""The outcomes of a token that is in force."""

REFUSED_AS: Final[Mapping[Code, Outcome]] = MappingProxyType({
    Code.TOKEN_PENDING_APPROVAL: Outcome.PENDING,
    Code.TOKEN_DISABLED: Outcome.DISABLED,
    Code.TOKEN_EXPIRED: Outcome.EXPIRED,
    Code.TOKEN_NOT_YET_VALID: Outcome.EARLY,
    Code.TOKEN_HAS_NO_USER: Outcome.ORPHANED,
    Code.OWNER_DEACTIVATED: Outcome.ORPHANED,
    Code.INVALID_TOKEN: Outcome.REVOKED,
})  # fmt: skip
"""What it is of a token that does not verify."""

_OUTCOMES: Final[Mapping[Code, Outcome]] = MappingProxyType({
    **{code: Outcome.FORBIDDEN for code, family in FAMILY.items() if family is Denied},
    **REFUSED_AS,
    Code.RATE_LIMIT_EXCEEDED: Outcome.LIMITED,
})  # fmt: skip

Who: TypeAlias = tuple[OrganizationId, TokenId] | bytes
"""A token where it acted, or the digest of a secret: the office knows of which token it is."""


Where: TypeAlias = Surface | None
"""Where a token was used; None for an API of somebody else's, through the gate."""


class Use(NamedTuple):
    """What is counted apart."""

    who: Who
    surface: Where
    outcome: Outcome
    client: str
    network: str


class Count(NamedTuple):
    """How often, and the Unix seconds of the last time and of the first."""

    times: int
    last: float
    first: float

    def and_(self, other: Count) -> Count:
        """Return both together."""
        first = min(self.first, other.first)
        return Count(self.times + other.times, max(self.last, other.last), first)


class Seen(NamedTuple):
    """The Unix second at which a secret was last seen, and by whom from where."""

    at: float
    client: str
    network: str


Counts: TypeAlias = dict[Use, Count]
Seens: TypeAlias = dict[bytes, Seen]
_Key: TypeAlias = tuple[Who, Where, Outcome, str, str]


class Usage:
    """The counts of one process. Its own lock is held for as long as an addition takes.

    Args:
        clock: what time it is.
        most: how many counts of known tokens a turn holds before it calls new ones `other`.
        strangers: how many counts of secrets that nobody may ever have had.
    """

    def __init__(self, clock: Clock, *, most: int = MOST, strangers: int = STRANGERS) -> None:
        self._now = clock.seconds
        self._most = most
        self._strangers = strangers
        self._lock = threading.Lock()
        self._clients = Names(client_of)
        self._networks = Names(prefix_of)
        self._turn = _Turn()
        self._seen: dict[bytes, tuple[float, str, str]] = {}

    def count(
        self, caller: Caller, surface: Where, outcome: Outcome, agent: str, address: str
    ) -> None:
        """Count a request of a verified token; those of a pair's tokens are the pair's."""
        token = caller.counted_as
        if token is None:
            return
        now, client, network = self._now(), self._clients[agent], self._networks[address]
        key = ((caller.organization, token), surface, outcome, client, network)
        secret = caller.credential if caller.method is Method.SERVICE else None
        with self._lock:
            self._add(key, now)
            if secret is not None and (secret in self._seen or len(self._seen) < self._most):
                self._seen[secret] = (now, client, network)

    def count_refused(
        self, digest: bytes, surface: Where, outcome: Outcome, agent: str, address: str
    ) -> None:
        """Count a request whose secret did not verify; REVOKED says that the gate knows it not."""
        key = (digest, surface, outcome, self._clients[agent], self._networks[address])
        with self._lock:
            self._add(key, self._now())

    def has_room(self) -> bool:
        """Say whether one more secret that the gate does not know would be counted in this turn."""
        return self._turn.strangers < self._strangers

    def take(self) -> Counts:
        """Hand out what was counted since the last time."""
        with self._lock:
            turn, self._turn = self._turn, _Turn()
        return {Use(*key): Count(*told) for key, told in turn.counts.items()}

    def give_back(self, counts: Counts) -> None:
        """Let what could not be written wait on, within the same bounds."""
        with self._lock:
            for use, told in counts.items():
                self._put(use, *told)

    def take_seen(self) -> Seens:
        """Hand out which secrets of API tokens were seen since the last time, and when last."""
        with self._lock:
            seen, self._seen = self._seen, {}
        return {secret: Seen(*told) for secret, told in seen.items()}

    def give_back_seen(self, seen: Seens) -> None:
        """Let what could not be written wait on, within bounds; what was seen since is later."""
        with self._lock:
            self._seen = dict(islice({**seen, **self._seen}.items(), 2 * self._most))

    def _add(self, key: _Key, now: float) -> None:
        counts = self._turn.counts
        told = counts.get(key)
        if told is None:
            self._put(key, 1, now, now)
        else:
            counts[key] = (told[0] + 1, now, told[2])

    def _put(self, key: _Key, count: int, last: float, first: float) -> None:
        turn = self._turn
        place = turn.place(key, self._most, self._strangers)
        if place is not None:
            before = turn.counts.get(place, (0, last, first))
            turn.counts[place] = (before[0] + count, max(before[1], last), min(before[2], first))


def outcome_of(failed: Code) -> Outcome:
    """Return what a failure makes of a verified token: with most it was let in all the same."""
    return _OUTCOMES.get(failed, Outcome.ALLOWED)


class Names(dict[str, str]):
    """What texts are called, remembered of so many at a time."""

    def __init__(self, name: Callable[[str], str]) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, text: str) -> str:
        """Work it out, and remember it."""
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = name = self._name(text)
        return name


class _Turn:
    """What was counted since the last taking."""

    __slots__ = ("counts", "sources", "strangers")

    def __init__(self) -> None:
        self.counts: dict[_Key, tuple[int, float, float]] = {}
        self.sources: Counter[Who] = Counter()
        self.strangers = 0

    def place(self, key: _Key, most: int, strangers: int) -> _Key | None:
        """Return where something new is counted; None if there is no more room at all."""
        if key in self.counts:
            return key
        who, surface, outcome, _, _ = key
        if outcome is Outcome.REVOKED and isinstance(who, bytes):
            if self.strangers >= strangers:
                return None
            self.strangers += 1
            return key
        if self.sources[who] < PER_TOKEN and len(self.counts) < most:
            self.sources[who] += 1
            return key
        other = (who, surface, outcome, OTHER, OTHER)
        return other if other in self.counts or len(self.counts) < 2 * most else None


def client_of(agent: str) -> str:
    """Return the first product of a User-Agent header with its version: `curl/8.5.0`.

    Whatever in it looks like a token is cut to a hint, as in every log.
    """
    first = redacted(agent).split(None, 1)
    return first[0] if first and _PRODUCT.fullmatch(first[0]) else OTHER


def prefix_of(address: str) -> str:
    """Return the network that an address belongs to: /24 of IPv4, /48 of IPv6."""
    return network_of(address, v4_bits=24, v6_bits=48) or OTHER


def added(counts: Iterable[tuple[Use, Count]]) -> Counts:
    """Return counts with those of the same use put together."""
    found: Counts = {}
    for use, told in counts:
        found[use] = told.and_(found[use]) if use in found else told
    return found
