"""What holds the tables of the first revision, so that they may name each other across files."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

tables: Final = MetaData()
