"""Real books that know a few tokens, always the same, and a verifier that reads them."""

from __future__ import annotations

import atexit
import hashlib
import random
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from counterfoil.access.role import READER
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiRouted,
    GrantRecord,
    MemberRecorded,
    OrganizationRecorded,
    RoleRecorded,
    RouteRecord,
    ScopeRecord,
    SecretRecord,
    TokenRecorded,
)
from counterfoil.gate.judge import Judge
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.ids import ApiId
from counterfoil.secret import Foreign, Kind, Secret, digest

_DICE: Final = random.Random(6)
_ORGANIZATION, _ROLE, _USER, _TOKEN = (10**15 + n for n in (1, 2, 3, 500))
KNOWN: Final = {
    Secret.mint(kind, _DICE.randbytes).reveal(): _TOKEN + number
    for number, kind in enumerate((Kind.PERSONAL, Kind.SERVICE, Kind.PERSONAL))
}
"""The tokens, and the id of each: three of ours, and one that was taken over from elsewhere."""

API: Final = ApiId(10**15 + 4)
"""An API with one route, which whoever holds its scope may take."""
PATH: Final = "/items"
_SCOPE, _BIT = "shop:read", 64

_FOREIGN: Final = "ghp-Nr5.ZqX/0123456789+abcdef="
KNOWN[_FOREIGN] = _TOKEN + len(KNOWN)


class _Clock:
    """Stands still: nothing expires while somebody fuzzes."""

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        return 1_800_000_000.0

    least = seconds


@cache
def verifier() -> Verifier:
    """Return what verifies by these books."""
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-fuzz-"))
    atexit.register(shutil.rmtree, folder)
    replica = Replica(folder)
    for position, event in enumerate(_events(), 1):
        replica.apply(position, event)
    return Verifier(replica, _Clock())


@cache
def judge() -> Judge:
    """Return what decides by them about requests to the API."""
    return Judge(verifier())


def _events() -> list[AnyEvent]:
    return [
        OrganizationRecorded(
            organization=_ORGANIZATION, name="Acme", management_limit=30, management_window_ms=3000
        ),
        RoleRecorded(organization=_ORGANIZATION, role=_ROLE, scopes=READER, custom=(_BIT,)),
        ApiRecorded(organization=_ORGANIZATION, api=API, scopes=(ScopeRecord(_SCOPE, _BIT),)),
        ApiRouted(
            organization=_ORGANIZATION,
            api=API,
            routes=(RouteRecord(("GET",), PATH, _SCOPE, "any"),),
        ),
        MemberRecorded(organization=_ORGANIZATION, user=_USER, active=True, roles=(_ROLE,)),
        *(_recorded(text, token) for text, token in KNOWN.items()),
    ]


def _recorded(text: str, token: int) -> TokenRecorded:
    return TokenRecorded(
        organization=_ORGANIZATION,
        token=token,
        letter="p" if text == _FOREIGN else text[2],
        name="fuzzed",
        authority="user",
        subject=_USER,
        expires_at=None,
        position=1,
        secrets=(SecretRecord(_kept(text), None),),
        grants=(GrantRecord(_ORGANIZATION, "active", None, ALL_SURFACES, None, (), None),),
    )


def _kept(text: str) -> bytes:
    """Return what is kept of a token."""
    if text == _FOREIGN:
        return Foreign(hashlib.sha256(text.encode()).digest(), "").digest
    return digest(text)
