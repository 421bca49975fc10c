"""How the audit trail fares, for Prometheus: is it whole, signed, and told elsewhere (R15)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from counterfoil.audit.checkpoint import PURPOSE, unsigned_since
from counterfoil.audit.telling import untold_since
from counterfoil.audit.witness import goes_on
from counterfoil.runtime import exposition as said
from counterfoil.runtime.keyfile import key_kept_in
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.signing import NoteError, Signer


def numbers(settings: Settings, tx: Connection, now: datetime) -> Iterator[str]:
    """Yield them, as this host sees the trail in one state of the database."""
    yield from said.measured(
        "counterfoil_audit_broken",
        "Whether the trail is not what this host has seen of it.",
        said.one(int(_is_broken(settings, tx))),
    )
    yield from said.measured(
        "counterfoil_audit_unsigned_seconds",
        "For how long an entry of the trail has not been signed.",
        said.one(_age(unsigned_since(tx), now)),
    )
    if settings.syslog:
        yield from said.measured(
            "counterfoil_syslog_lag_seconds",
            "For how long an entry of the trail has not come to the syslog server.",
            said.one(_age(untold_since(tx, settings.audit_told_file), now)),
        )


def _is_broken(settings: Settings, tx: Connection) -> bool:
    try:
        key = Signer(PURPOSE, key_kept_in(settings.audit_key_file)).public
        return not goes_on(settings.audit_seen_file, tx, key)
    except FileNotFoundError:  # nobody has signed anything here yet
        return False
    except NoteError:
        return True


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
