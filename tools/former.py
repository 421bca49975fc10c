"""Pack the program of an older release, which tests upgrade: `python -m tools.former [COMMIT]`.

It is the source as git has it, and no more; nothing is fetched. It is packed alike each time, so
`--check` finds whether what is kept is what git has, where the history is there to be asked.
"""

from __future__ import annotations

import io
import lzma
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from tools.tracked import ROOT

FORMER: Final = ROOT / "tests/vectors/former"
PROGRAM: Final = FORMER / "program.tar.xz"
COMMIT: Final = FORMER / "commit.txt"
_PACKED: Final = "src/counterfoil"
_PRESET: Final = 9 | lzma.PRESET_EXTREME


def packed(commit: str) -> bytes | None:
    """Return the program of a commit as tar; None where the history does not go back to it."""
    asked = ["git", "archive", "--format=tar", commit, "--", _PACKED]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    return None if done.returncode else done.stdout


def program(folder: Path) -> Path:
    """Unpack what is kept into a folder; return what has to stand in PYTHONPATH."""
    with tarfile.open(fileobj=io.BytesIO(PROGRAM.read_bytes()), mode="r:xz") as kept:
        kept.extractall(folder, filter="data")
    return folder / "src"


def main() -> int:
    """Pack a commit, or look whether the one that is kept is still what git has."""
    words = sys.argv[1:]
    is_check = "--check" in words
    commit = COMMIT.read_text().strip() if is_check or not words else words[0]
    found = packed(commit)
    if found is None:
        print(f"former: not compared, for there is no {commit} in this history")
        return 0 if is_check else 1
    if is_check:
        same = found == lzma.decompress(PROGRAM.read_bytes())
        print("former: as git has it" if same else f"former: it is not {commit}")
        return 0 if same else 1
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    PROGRAM.write_bytes(lzma.compress(found, preset=_PRESET))
    COMMIT.write_text(f"{commit}\n")
    print(f"{PROGRAM.relative_to(ROOT)}: {commit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
