"""A lease that a gate of another host's office has left in the data directory of an office.

No gate begins so any more; one of an earlier version did. The office's own gate goes by that lease,
and answers 503 to everything once nobody renews it. Only the operator can say that nobody does, so
it is named wherever they look, and taken away by them alone.
"""

from __future__ import annotations

from typing import Final

from counterfoil.runtime.places import Places

FIX: Final = (
    "Stop every `counterfoil gate --office` in this data directory, remove the file, and restart "
    "the gates and the programs that decide by it."
)


def strayed(places: Places) -> str:
    """Return what is the matter with such a lease, as a sentence; empty if there is none."""
    lease = places.gate_lease_file
    if not lease.exists() or not places.is_offices():
        return ""
    return f"{lease} was left by a gate of another host's office: by it nothing is decided here."
