"""Which tokens a cut-off has reached, said in SQL.

That of their owner, or of the organization where they speak. A cut-off is one row of the directory,
however many tokens it ends (R21): so their own rows do not know of it, and who reads them looks
beside.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, func

from counterfoil import directory
from counterfoil.tokens.store.tables import tokens

is_cut_off: Final[ColumnElement[bool]] = func.coalesce(
    directory.cut_off_beside(tokens.c.position), false()
)
"""Whether a token was cut off, in a query that stands beside the cut-offs."""


def beside(query: Select[Any], organization: ColumnElement[Any]) -> Select[Any]:
    """Return a query over tokens that speak in an organization with the cut-offs beside it."""
    return directory.beside_cut_offs(query, organization, tokens.c.owner_id)
