"""How the file with a credential comes to be: private from its first moment, following no link.

A program watches itself by the interpreter's own audit hook (PEP 578), which is told of each file
before it is opened and of each folder before it is made. At every such event it looks at what lies
there, so that a file which was open to others for one moment has been seen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

TOKEN: Final = "cfp_" + "k" * 49
_WATCHED: Final = """
import json, os, stat, sys

folder, report, plant = sys.argv[1:]
told, seen, looking = [], [], False

def watch(event, args):
    global looking
    if looking or event not in ("open", "os.mkdir", "os.chmod", "os.rename", "os.remove"):
        return
    looking = True
    try:
        path = os.fsdecode(args[0]) if isinstance(args[0], (str, bytes)) else ""
        if path.startswith(folder):
            told.append([event, path, args[2] if event == "open" else args[1]])
            if plant and event == "open" and args[2] & os.O_EXCL:
                os.symlink(plant, path)
        if os.path.isdir(folder):
            seen.append([event, ".", stat.S_IMODE(os.stat(folder).st_mode)])
            for name in os.listdir(folder):
                at = os.lstat(os.path.join(folder, name))
                seen.append([event, name, stat.S_IMODE(at.st_mode)])
    finally:
        looking = False

from counterfoil.cli.root import run
os.umask(0)
sys.addaudithook(watch)
code = run(["configure", "--pat-token", "-"])
looking = True
with open(report, "w") as out:
    json.dump({"told": told, "seen": seen}, out)
sys.exit(code)
"""


def watched(home: Path, tmp_path: Path, plant: str = "") -> tuple[int, str, dict[str, Any]]:
    """Store a token under umask 000; return how that ended, what was said and what was seen."""
    report = tmp_path / "report"
    ran = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(home.parent), str(report), plant],
        input=TOKEN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stderr, json.loads(report.read_text())


def test_the_file_is_born_private(home: Path, tmp_path: Path) -> None:
    """Under umask 000 the file is 0600 whenever it is looked at, in a folder 0700 (A18, S16).

    It is opened by a name that must not be there, following no link.
    """
    code, err, report = watched(home, tmp_path)
    assert code == 0, err
    assert TOKEN in home.read_text()
    made = [(path, flags) for event, path, flags in report["told"]
            if event == "open" and flags & os.O_CREAT]  # fmt: skip
    assert all(flags & os.O_NOFOLLOW for _, flags in made)
    (draft,) = [path for path, flags in made if flags & os.O_EXCL]
    assert {Path(path).suffix for path, _ in made if path != draft} <= {".lock"}
    modes = {(name, mode) for _, name, mode in report["seen"] if name != "."}
    assert {mode for _, mode in modes} == {0o600}
    before = [event for event, name, _ in report["seen"] if name == Path(draft).name]
    assert before[0] in {"open", "os.chmod"}  # it was seen before anything made it narrower
    assert {mode for _, name, mode in report["seen"] if name == "."} == {0o700}
    folders = {mode for event, path, mode in report["told"]
               if event == "os.mkdir" and path == str(home.parent)}  # fmt: skip
    assert folders == {0o700}


def test_a_link_in_its_place_is_not_followed(home: Path, tmp_path: Path) -> None:
    """A link that is put where the file is about to be made gets nothing: it is refused (S16)."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    code, err, _ = watched(home, tmp_path, plant=str(victim))
    assert code == 3, err
    assert victim.read_text() == "mine"
    assert TOKEN not in err
    assert not home.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")
def test_the_kernel_is_asked_for_no_more(home: Path, tmp_path: Path) -> None:
    """Where strace is there, it sees the same: born 0600, following no link (A18, S16)."""
    traced = tmp_path / "trace"
    command = [sys.executable, "-m", "counterfoil", "configure", "--pat-token", "-"]
    if strace := shutil.which("strace"):
        command = [strace, "-f", "-e", "trace=openat,mkdir,mkdirat", "-o", str(traced), *command]
    ran = subprocess.run(
        ["/bin/sh", "-c", 'umask 000; exec "$@"', "sh", *command],
        input=TOKEN,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert home.stat().st_mode & 0o777 == 0o600
    assert home.parent.stat().st_mode & 0o777 == 0o700
    if strace:
        made = [one for one in traced.read_text().splitlines() if "O_CREAT" in one
                and str(home.parent) in one]  # fmt: skip
        assert made
        assert all(re.search(r"O_NOFOLLOW.*, 0600\)", one) for one in made)
        secret = [one for one in made if ".lock" not in one]
        assert secret
        assert all("O_EXCL" in one for one in secret)
