"""Draft the next migration from the difference between the tables and the last revision.

    python -m tools.revision "tokens have a colour"

Look the draft over: what Alembic finds is a suggestion.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from counterfoil import migrations
from counterfoil.migrations.running import configuration
from counterfoil.migrations.tables import metadata
from counterfoil.runtime.database import Database

NAMED = 2
VERSIONS = Path(migrations.__file__).parent / "versions"


def main() -> int:
    """Write a draft into the package; 1 if no name was given."""
    if len(sys.argv) != NAMED:
        print(__doc__, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as place:
        database = Database(f"sqlite:///{Path(place) / 'draft.sqlite'}", pool_size=1)
        with database.transaction() as tx:
            config = configuration()
            config.attributes["connection"] = tx
            if any(VERSIONS.glob("*.py")):
                command.upgrade(config, "head")
            number = f"{len(list(VERSIONS.glob('*.py'))) + 1:04}"
            command.revision(config, sys.argv[1], autogenerate=True, rev_id=number)
        database.close()
    print(f"{len(metadata.tables)} tables compared")
    return 0


if __name__ == "__main__":
    sys.exit(main())
