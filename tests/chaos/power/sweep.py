"""The power is cut at each moment of what is done; what is left begins anew, and is looked at."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path
from typing import Final

import pytest

from chaos.kill.acts import ACTS, Act
from chaos.kill.place import Copy, Place
from chaos.kill.sweep import Swept
from chaos.power.disk import Image
from counterfoil.gate import marker
from infra.wait import wait_until

_TESTS: Final = Path(__file__).parents[2]
_ENV: Final = {**os.environ, "PYTHONPATH": str(_TESTS), "PYTHONDONTWRITEBYTECODE": "1"}
_UNMOUNT: Final = shutil.which("fusermount3") or shutil.which("fusermount")


def lacking() -> str:
    """Return what this machine lacks to mount a disk of ours; nothing if it lacks nothing."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse"
    if not (find_library("fuse3") or find_library("fuse")):
        return "libfuse"
    return "" if _UNMOUNT else "fusermount"


def sweep(name: str, template: Place, *, every: int = 1) -> Swept:
    """Cut the power at every moment of an act that it can matter; return what was broken then.

    Args:
        name: of the act.
        template: a place in which it can be done, on SQLite; nothing is done there.
        every: so many cuts further is the next one that is looked at.
    """
    act, home = ACTS[name](), template.folder.parent
    base = template.copied(home / f"for-{name}")
    act.prepare(base, _beside(home))
    cuts, broken = home / "cuts", []
    cuts.mkdir()
    with _mounted(base.folder, home / "disk", cuts) as disk:
        subprocess.run(
            [sys.executable, "-m", "chaos.kill.victim", name, str(disk)],
            cwd=_TESTS, env=_ENV, stdin=subprocess.DEVNULL, check=True, timeout=300,
        )  # fmt: skip
    left = sorted(cuts.iterdir())[::every]
    for one in left:
        when, found = pickle.loads(one.read_bytes())  # noqa: S301 - our own mount has written it
        broken += [f"{name}, {when}: {what}" for what in _looked_at(act, found, home)]
    shutil.rmtree(cuts)
    return Swept(len(left), broken)


def _beside(home: Path) -> Copy:
    return lambda place: place.copied(home / "watched")


def _looked_at(act: Act, found: Image, home: Path) -> list[str]:
    """Begin anew on what is left, as the kernel does: it says that it runs for another time."""
    place, boot = Place(home / "after"), home / "boot"
    shutil.rmtree(place.folder, ignore_errors=True)
    found.write(place.folder)
    boot.write_text("after the cut")
    with pytest.MonkeyPatch.context() as kernel:
        kernel.setattr(marker, "_BOOT_ID", boot)
        try:
            return act.broken(place)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing begins
            return [f"it does not begin: {type(error).__name__}: {error}"]


@contextmanager
def _mounted(source: Path, at: Path, cuts: Path) -> Iterator[Path]:
    at.mkdir()
    command = [sys.executable, "-m", "chaos.power.mount", str(source), str(at), str(cuts), "/told"]
    process = subprocess.Popen(command, cwd=_TESTS, env=_ENV, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: at.is_mount() or process.poll() is not None, "the disk to be mounted")
        yield at
    finally:
        subprocess.run([str(_UNMOUNT), "-u", str(at)], check=True)
        process.wait(60)
        at.rmdir()
