"""What a gate on another host tells of tokens counts only where the books bear it out.

No row of a token, a membership or an API is ever deleted: what was true when a gate decided is to
be seen for good. What is not was made up, or made after the backup that the office was restored by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.gate.record.decided import ALLOWED, Decided
from counterfoil.gate.record.usage import Counts, Seens
from counterfoil.kernel.errors import Code
from counterfoil.tokens.store import born as store
from counterfoil.tokens.store import former, usage
from counterfoil.tokens.store.born import Born

_OUTCOMES: Final = frozenset({ALLOWED, *Code})
_METHODS: Final[Mapping[str, frozenset[str]]] = {
    "personal": frozenset({Method.PERSONAL}),
    "service": frozenset({Method.SERVICE}),
    "exchanged": frozenset({Method.PERSONAL, Method.EXCHANGED}),
}
"""As what a token of a kind is judged: what borrows a personal token's authority, as that."""


def vouched(tx: Connection, rows: Sequence[Decided]) -> list[bool]:
    """Say of each decision whether such a token may have been presented there, by those people."""
    tokens = store.born(tx, (row.token for row in rows if row.token is not None))
    people = {one for row in rows for one in (row.user, row.issuer) if one is not None}
    members = directory.ever_members(tx, people)
    apis = directory.homes_of_apis(tx, {row.api for row in rows})
    return [
        _is_known(row)
        and _is_at_home(row, apis)
        and all((row.organization, one) in members for one in (row.user, row.issuer) if one)
        and _is_whose(row, tokens)
        for row in rows
    ]


def take_counts_told(tx: Connection, counts: Counts, seen: Seens) -> None:
    """Add what was counted of tokens where they speak; what is nobody's counts for nothing."""
    tokens = store.born(tx, (use.who[1] for use in counts if not isinstance(use.who, bytes)))
    sound = {
        use: told
        for use, told in counts.items()
        if isinstance(use.who, bytes)
        or ((one := tokens.get(use.who[1])) is not None and use.who[0] in one.places)
    }
    usage.take_in(tx, sound)
    former.take_in(tx, seen)


def _is_known(row: Decided) -> bool:
    """Say whether a gate can come to this: an outcome that there is, within a grace that may be."""
    late = row.outcome == ALLOWED and row.late_s <= directory.LONGEST_GRACE_S
    return row.outcome in _OUTCOMES and (row.late_s == 0 or (row.late_s > 0 and late))


def _is_at_home(row: Decided, apis: Mapping[int, int]) -> bool:
    """Say whether there is such an API, in the organization where somebody was let in."""
    home = apis.get(row.api)
    return home is not None and (row.outcome != ALLOWED or home == row.organization)


def _is_whose(row: Decided, tokens: Mapping[int, Born]) -> bool:
    """Say whether a token of this kind speaks there, and is that person's own if it is anybody's.

    Sessions come and go, and leave no row: of them it is enough who signed in.
    """
    if row.method == Method.SESSION:
        return row.user is not None and row.token not in tokens
    known = None if row.token is None else tokens.get(row.token)
    if known is None or row.organization not in known.places:
        return False
    if row.method not in _METHODS.get(known.kind, frozenset()):
        return False
    owner = row.user if row.method == Method.PERSONAL else None
    return known.owner == owner
