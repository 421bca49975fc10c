"""The files of the repository: those that git tracks or would track."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def tracked(*patterns: str) -> list[Path]:
    """Return the files that match, relative to the root, in order."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],  # noqa: S607 - whichever git the developer uses
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    paths = (Path(name) for name in sorted(set(listing.stdout.split("\0"))) if name)
    return [path for path in paths if (ROOT / path).is_file()]
