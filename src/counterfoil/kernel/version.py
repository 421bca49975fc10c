"""Which version somebody looked at: nobody changes, or approves, what they have not seen (S22)."""

from __future__ import annotations

from counterfoil.kernel.errors import Code, Stale
from counterfoil.kernel.sentence import sentence


def require_version(present: int, looked_at: int | None, **meta: object) -> None:
    """Return if the caller looked at the present version, or named none.

    Raises:
        Stale: STALE_VERSION, which says the present one.
    """
    if looked_at is not None and looked_at != present:
        raise Stale(
            Code.STALE_VERSION,
            sentence("This is at version %(version)s now.", version=present),
            meta={"version": present, **meta},
        )
