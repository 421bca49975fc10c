"""The tables of the first revision, a file for each slice. No later revision changes them here."""

from __future__ import annotations

from counterfoil.migrations.first import content, directory, office, signin, tokens
from counterfoil.migrations.first.metadata import tables

__all__ = ["content", "directory", "office", "signin", "tables", "tokens"]
