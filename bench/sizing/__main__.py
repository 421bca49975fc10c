"""`python -m bench.sizing`: print the tables of the guide; with --measure, measure anew first."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.sizing import model
from bench.sizing.measure import measure


def main() -> None:
    """Measure if asked, and print."""
    ask = argparse.ArgumentParser(prog="python -m bench.sizing", description=__doc__)
    ask.add_argument("--measure", action="store_true", help="write bench/sizing/measured.json")
    if ask.parse_args().measure:
        with tempfile.TemporaryDirectory(prefix="counterfoil-sizing-") as folder:
            found = measure(Path(folder))
        said = {name: round(value, 1) for name, value in asdict(found).items()}
        model.MEASURED.write_text(json.dumps(said, indent=2) + "\n")
    by = model.measured()
    for table in (model.measured_table, model.sizes_table, model.trail_table):
        print("\n".join(table(by)), end="\n\n")


main()
