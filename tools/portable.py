"""The repository stands alone: no path of somebody's machine, no address of a package registry."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.tracked import ROOT, tracked

# Written in pieces, so that this file does not complain of itself.
MACHINE = re.compile(
    r"(?<![\w.}/~-])/(?:" + r"root|home/[a-z]|Users/[A-Z]|work/[a-z.]|farm/" + r")[\w./-]*"
)
REGISTRY = re.compile(
    r"files\.pythonhosted" + r"\.org|pypi\.org/" + r"simple|registry\.npmjs" + r"\.org"
    r"|--(?:extra-)?index" + r"-url|--find" + r"-links"
)
ADDRESS = re.compile(r"\b(?:https?|file)://|@ git\+")
LOCKS = ("*.lock", "*package-lock.json", "*.npmrc")
NEVER = ("*uv" + ".lock", "*pylock" + ".toml")


def complaints(path: Path, text: str, *, lock: bool) -> Iterator[str]:
    """Name each line that ties the repository to a machine or a registry."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in (MACHINE, REGISTRY, *([ADDRESS] if lock else [])):
            if found := pattern.search(line):
                yield f"{path}:{number}: {found[0]}"


def main() -> int:
    """Print every complaint; 1 if there is any."""
    locks = set(tracked(*LOCKS))
    found = [f"{path}: names registry hosts, do not track it" for path in tracked(*NEVER)]
    for path in tracked():
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        found += complaints(path, text, lock=path in locks)
    print("\n".join(found) or "portable: yes")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
