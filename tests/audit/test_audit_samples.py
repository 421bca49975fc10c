"""Eight trails that somebody tampered with, each in its own way; each is found out (R15).

They lie in tests/vectors/trail, with the trail as it was and a checkpoint of it that was kept
elsewhere: `counterfoil audit verify tests/vectors/trail/<name>.ndjson --against …/kept.txt`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.app.auditing import Held, of_copy
from counterfoil.audit.copying import CopyError
from counterfoil.cli.exits import Exit

SAMPLES = Path(__file__).parents[1] / "vectors" / "trail"
KEPT = SAMPLES / "kept.txt"
TOLD = {
    "edited": "entry 8: edited",
    "edited-with-its-hash": "entry 1 to 12: rewritten",
    "removed": "entry 8: missing",
    "swapped": "entry 8: moved",
    "inserted": "entry 8: inserted",
    "cut": "entry 19 to 20: cut off",
    "signed-by-another": "entry 1: not signed",
    "written-anew": "entry 1 to 12: rewritten",
}


def first(name: str) -> str:
    held = Held()
    held.add(KEPT)
    return str(of_copy(SAMPLES / f"{name}.ndjson", None, held).first)


def test_the_trail_as_it_was_holds() -> None:
    """The trail of which all samples were made is found whole."""
    assert first("whole") == "None"


@pytest.mark.parametrize(("name", "told"), TOLD.items())
def test_each_sample_is_found_out(name: str, told: str) -> None:
    """Every sample is named, with the first entry that was touched (R15)."""
    assert first(name) == told


@pytest.mark.parametrize(("seen", "last"), [(KEPT, 12), (SAMPLES / "whole.ndjson", 20)])
def test_a_restore_is_no_fault_and_no_success(seen: Path, last: int) -> None:
    """What a restore cut off is named with it, and a script is told by a code of its own (R12)."""
    restored = str(SAMPLES / "restored.ndjson")
    told = [sys.executable, "-m", "counterfoil", "audit", "verify", restored]
    ran = subprocess.run(
        [*told, "--against", str(seen), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == Exit.LOST
    cut = f"cut by the restore of 2026-03-01T13:00:00Z: entry 11 to {last} are not in this trail"
    assert cut in ran.stderr
    found = json.loads(ran.stdout)
    assert found["faults"] == []
    assert found["cut_by_restores"] == [{"at": "2026-03-01T13:00:00Z", "first": 11, "last": last}]
    alone = subprocess.run(told, capture_output=True, check=False, timeout=60)
    assert alone.returncode == 0


@pytest.mark.parametrize("text", ["", "hello\n", "[1]\n", "log\n5\nroot\nepoch 1\nat now\n"])
def test_what_is_no_checkpoint_accuses_no_trail(tmp_path: Path, text: str) -> None:
    """A file that was mistaken for a checkpoint is named, and is no fault of the trail."""
    file = tmp_path / "mistaken.txt"
    file.write_text(text)
    with pytest.raises(CopyError, match=r"^mistaken\.txt is neither a checkpoint nor a copy"):
        Held().add(file)


def test_a_folder_without_checkpoints_is_no_witness(tmp_path: Path) -> None:
    """Who names the wrong folder hears so: nothing was compared with the trail."""
    (tmp_path / "audit.witness").mkdir()
    with pytest.raises(CopyError, match="there is no checkpoint in"):
        Held().add(tmp_path)


def test_a_person_sees_it() -> None:
    """`audit verify` says it in a sentence and fails, so that a script stops there (R15)."""
    ran = subprocess.run(
        [sys.executable, "-m", "counterfoil", "audit", "verify", SAMPLES / "removed.ndjson"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "entry 8: missing" in ran.stderr


def test_what_nobody_signed_proves_nothing(tmp_path: Path) -> None:
    """A copy from which the checkpoints were cut is no proof, and a script sees that (R15)."""
    lines = (SAMPLES / "whole.ndjson").read_text().splitlines(keepends=True)
    entries = [one for one in lines if "checkpoint" not in one]
    assert len(entries) < len(lines)
    cut = tmp_path / "cut.ndjson"
    cut.write_text("".join(entries[:-1]))
    told = [sys.executable, "-m", "counterfoil", "audit", "verify", str(cut)]
    ran = subprocess.run(told, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, "✓" in ran.stderr) == (1, False)
    assert "no checkpoint says so" in ran.stderr
    ran = subprocess.run(
        [*told, "--against", str(KEPT)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, "checkpoints that say so: 1" in ran.stderr) == (0, True)
