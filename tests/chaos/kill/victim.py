"""The process that a tracer kills: `python -m chaos.kill.victim NAME FOLDER [URL]`."""

from __future__ import annotations

import sys
from pathlib import Path

from chaos.kill.acts import ACTS
from chaos.kill.place import Place


def main(name: str, folder: str, url: str = "") -> None:
    """Do it."""
    ACTS[name]().do(Place(Path(folder), url))


if __name__ == "__main__":
    main(*sys.argv[1:])
