"""Tokens that stood in an address: they open nothing there, and the office is told (S11).

Only the office knows whose they are, and tells them. Whoever floods a gate sends another string
each time, so few are told at a time; who goes on as before is told of in the next turn.
"""

from __future__ import annotations

import re
from typing import Final

from counterfoil.gate.asked import Wanted
from counterfoil.gate.credential import told_in
from counterfoil.gate.record.decided import Exposed
from counterfoil.gateway.rows import ADDRESS_CHARS, agent_of
from counterfoil.secret import once_known_as, redacted

MOST: Final = 16
"""So many are told of in a turn."""
PATH_CHARS: Final = 200
_UNPRINTED: Final = re.compile(r"[^!-~]")


def exposed_in(wanted: Wanted, prefix: str, id_: str) -> Exposed | None:
    """Return what is told of a request that was refused; None if no token stood in its query.

    The token itself is nowhere in it.
    """
    path, _, query = wanted.target.partition("?")
    text = told_in(query, prefix) if query else None
    digest = None if text is None else once_known_as(text, prefix)
    if digest is None:
        return None
    where = _UNPRINTED.sub("?", redacted(path))[:PATH_CHARS]
    return Exposed(
        digest, wanted.api, where, id_, wanted.address[:ADDRESS_CHARS], agent_of(wanted.agent)
    )
