"""What an office tells gates on other hosts."""

from __future__ import annotations

from counterfoil.feed.page import PURPOSE
from counterfoil.feed.source import Source
from counterfoil.gate.replica import Replica
from counterfoil.gates import Called, Teller
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.signing import Signer


def teller_of(
    settings: Settings,
    database: Database,
    replica: Replica,
    books: Source,
    *,
    clock: Clock,
    entropy: Entropy,
) -> Teller:
    """Return what answers gates; a quarter of the threads may wait there for news to come."""
    return Teller(
        database,
        books,
        replica.position,
        Signer(PURPOSE, key_in(settings.feed_key_file, entropy)),
        clock,
        called=Called(settings.prefix, settings.base_url),
        waiting=max(1, settings.threads // 4),
    )
