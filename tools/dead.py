"""Every token in the repository is dead: none that is shown passes the checksum (A13)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from counterfoil.secret import hint, is_intact, pattern
from tools.tracked import ROOT, tracked

FORM = re.compile(pattern("[a-z]{2,8}"))
VECTORS = Path("tests/vectors/token.json")
"""The published vectors must pass it; their entropy stands beside them and protects nothing."""


def live_tokens(path: Path, text: str) -> Iterator[str]:
    """Name each place where a token stands that a server could take for a real one."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in FORM.findall(line):
            if is_intact(found):
                yield f"{path}:{number}: {hint(found)} passes the checksum"


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
