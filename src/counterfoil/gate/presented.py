"""What a request presents, read once: a token and its digest, or what is wrong with it.

What is wrong is returned and not raised: whoever decides has to see first whether anybody has to be
known at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterfoil.gate.asked import Presented
from counterfoil.gate.credential import BEARER, presented, unknown
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Malformed, Refused


def presented_in(
    environ: Mapping[str, Any], target: str, verifier: Verifier
) -> tuple[Presented, bytes | None]:
    """Return what a request for an address presents, and what the books know it by."""
    header = environ.get("HTTP_AUTHORIZATION")
    if header is not None:
        digest = verifier.glance.digest(header, target)
        if digest is not None:
            return header[len(BEARER) :], digest
    try:
        query = target.partition("?")[2] if "?" in target else ""
        text = presented(header, query, verifier.prefix)
    except (Malformed, Refused) as error:
        return _without_frames(error), None
    if text is None:
        return None, None
    key = verifier.glance.key(text)
    return (unknown(text, verifier.prefix), None) if key is None else (text, key)


def read(text: str, verifier: Verifier) -> tuple[Presented, bytes | None]:
    """Return a token, and what the books know it by; or what is said of what can be none."""
    key = verifier.glance.key(text)
    return (unknown(text, verifier.prefix), None) if key is None else (text, key)


def _without_frames(error: Malformed | Refused) -> Malformed | Refused:
    """Return an error that keeps nobody's frames alive, which would keep it alive in turn."""
    error.__traceback__ = None
    return error
