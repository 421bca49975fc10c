"""Alembic, which brings a database along the revisions; loaded late."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from counterfoil.kernel.headway import Stage, Tell


def run(tx: Connection, steps: int, tell: Tell) -> None:
    """Bring a database to the last revision, within a transaction.

    Args:
        tx: on the database; whoever holds it commits.
        steps: how many revisions that is.
        tell: is told after each of them.
    """
    config, stage, done = configuration(), Stage("Migrating", steps), count(1)
    config.attributes["connection"] = tx
    config.attributes["applied"] = lambda **_: tell(stage, next(done))
    command.upgrade(config, "head")


def configuration() -> Config:
    """Return Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
