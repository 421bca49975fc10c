"""The process in which libFuzzer runs a target: it ends with it, so it is one of its own.

What guides it are the branches of our readers; the oracle is no guide, and so costs less.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(
    include=["counterfoil.routing", "counterfoil.gate", "counterfoil.secret"]
):
    import counterfoil.gate.judge
    import counterfoil.gate.presented
    import counterfoil.gate.verifier
    import counterfoil.routing.table  # noqa: F401 - imported here, so that they are watched
from fuzz.targets import TARGETS


def main() -> None:
    """Run a target: by which program, which one, and libFuzzer's options."""
    _, program, name, *options = sys.argv
    atheris.Setup([program, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
