"""`make fuzz`: run a target so many times, guided by what each input reaches.

    python -m fuzz address --runs 1000000 --seed 1

The corpus begins as what is kept in `corpus/`. With `--keep`, what newly reached something is kept
there, reduced to the least that reaches as much. An input at which a target fails is written to
`fuzz-<target>-…` where the run was started, and the run fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fuzz.books import KNOWN
from fuzz.targets import TARGETS

TESTS: Final = Path(__file__).parents[1]
CORPUS: Final = Path(__file__).with_name("corpus")
_WORDS: Final = (
    *("/", "//", "%2e", "%2f", "%5c", "%25", "%00", "..", ";", "?", "#", "&", "=", "\\"),
    *("page", "page[]", "Page", "%70age", "+", "%20", "%c3%a9", "e%cc%81", "%ef%bc%8f", "%ff"),
    *("\n", "{a}", "{rest...}", "/new", "/New", "Bearer ", "bearer ", "BEARER ", "Basic ", ","),
    *sorted(KNOWN),
)
_TOKENS: Final = {chr(0x100 + number): token for number, token in enumerate(KNOWN)}
_RUNS: Final = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_LONGEST: Final = 256

LONG: Final = 3_400_000
"""How often a target is run where nobody says it."""


def main() -> None:
    """Fuzz one target, or each of them in turn."""
    ask = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    ask.add_argument("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    ask.add_argument("--runs", type=int, default=LONG, help="of each target")
    ask.add_argument("--seed", type=int, default=0, help="0 for another one each time")
    ask.add_argument("--keep", action="store_true", help="keep what reaches more")
    wanted = ask.parse_args()
    for name in wanted.targets or TARGETS:
        done = fuzz(name, wanted.runs, seed=wanted.seed, keep=wanted.keep)
        print(f"{name}: {done} runs, no wrong reading", flush=True)


def fuzz(name: str, runs: int, *, seed: int, keep: bool = False) -> int:
    """Run a target; return how often.

    Raises:
        SystemExit: it failed; what libFuzzer said of it is printed.
    """
    with tempfile.TemporaryDirectory(prefix="counterfoil-fuzz-") as at:
        here = Path(at)
        grown, words = here / "grown", here / "words"
        unpack(name, grown)
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in _WORDS))
        options = [f"-runs={runs}", f"-seed={seed}", f"-dict={words}", f"-max_len={_LONGEST}"]
        said = _libfuzzer(name, [*options, f"-artifact_prefix=fuzz-{name}-", str(grown)], here)
        if keep:
            least = here / "least"
            least.mkdir()
            _libfuzzer(name, ["-merge=1", str(least), str(grown)], here)
            pack(name, [path.read_bytes() for path in least.iterdir()])
    found = _RUNS.search(said)
    return int(found[1]) if found else 0


def unpack(name: str, folder: Path) -> None:
    """Lay a corpus out as libFuzzer wants it: a file for each input."""
    folder.mkdir()
    for number, text in enumerate(corpus(name)):
        (folder / f"{number:04}").write_bytes(text.encode("latin-1"))


def corpus(name: str) -> list[str]:
    """Return the inputs that are kept of a target, each byte a letter.

    Whole tokens are in no file: beyond those letters come some that stand for the ones that exist.
    To addresses come the vectors that are known by what they are.
    """
    kept: list[str] = json.loads((CORPUS / f"{name}.json").read_text())
    if name == "address":
        vectors = json.loads((TESTS / "vectors" / "addresses.json").read_text())
        kept += [one["target"] for one in (*vectors["read"], *vectors["refused"])]
    for letter, token in _TOKENS.items():
        kept = [one.replace(letter, token) for one in kept]
    return [one.encode("latin-1", "replace").decode("latin-1") for one in kept]


def pack(name: str, inputs: Iterable[bytes]) -> None:
    """Keep these inputs and no others."""
    texts = {one.decode("latin-1") for one in inputs}
    for letter, token in _TOKENS.items():
        texts = {one.replace(token, letter) for one in texts}
    ordered = sorted(texts, key=lambda one: (len(one), one))
    (CORPUS / f"{name}.json").write_text(json.dumps(ordered, indent=1) + "\n")


def _libfuzzer(name: str, options: list[str], scratch: Path) -> str:
    again = scratch / "again"  # a merge starts itself anew, as a program of one word
    again.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fuzz.guided "$0" {name} "$@"\n')
    again.chmod(0o700)
    command: list[str | Path] = [again, "-print_final_stats=1", *options]
    env = {**os.environ, "PYTHONPATH": str(TESTS), "TMPDIR": str(scratch)}
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        raise SystemExit(f"{name}\n{done.stdout.decode(errors='replace')}\n{said[-4000:]}")
    return said


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode("latin-1"))


if __name__ == "__main__":
    main()
