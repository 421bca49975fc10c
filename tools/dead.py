"""Every token in the repository is dead: none that is shown passes the checksum (A13)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from counterfoil.secret import ANYWHERE, BODY_CHARS, CHECK_CHARS, hint, is_intact
from tools.tracked import ROOT, tracked

VECTORS = Path("tests/vectors/token.json")
"""The published vectors must pass it; their entropy stands beside them and protects nothing."""


def live_tokens(path: Path, text: str) -> Iterator[str]:
    """Name each place where a token stands that a server could take for a real one."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in ANYWHERE.findall(line):
            for token in _within(found):
                if is_intact(token):
                    yield f"{path}:{number}: {hint(token)} passes the checksum"


def _within(found: str) -> Iterator[str]:
    """Return every string of a token's length that may be meant, whatever stands at its ends."""
    for start in range(len(found)):
        prefix, _, body = found[start:].partition("_")
        if prefix and body:
            yield f"{prefix}_{body[: BODY_CHARS + CHECK_CHARS]}"


def main() -> int:
    """Print every live token; 1 if there is any."""
    found: list[str] = []
    for path in tracked():
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        found += () if path == VECTORS else live_tokens(path, text)
    print("\n".join(found) or "dead: every token in the repository")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
