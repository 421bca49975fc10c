"""What a request already holds of a file, and which part of it is wanted (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from counterfoil.kernel.errors import Code, Malformed

_ONE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')


@dataclass(frozen=True, slots=True)
class Part:
    """So many bytes of a file, from the one at `start`."""

    start: int
    length: int


def is_held(headers: Mapping[str, str], tag: str) -> bool:
    """Say whether whoever asks holds what this entity tag names (section 13.1.2)."""
    held = headers.get("if-none-match", "")
    return held.strip() == "*" or tag in _TAG.findall(held)


def wanted(headers: Mapping[str, str], tag: str, size: int) -> Part | None:
    """Return the one part of a file that is asked for; None for the whole (section 14.2).

    What asks for several parts, in another unit, or for a part of another state, gets the whole.

    Raises:
        Malformed: RANGE_NOT_SATISFIABLE, if the file has no such part.
    """
    found = _ONE.fullmatch(headers.get("range", "").strip().lower())
    if found is None or headers.get("if-range", tag).strip() != tag:
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    if first:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    elif last:
        start, end = max(0, size - int(last)), size - 1
    else:
        return None
    if start > end:
        raise Malformed(
            Code.RANGE_NOT_SATISFIABLE, f"The file has {size} bytes.", meta={"size": size}
        )
    return Part(start, end - start + 1)
