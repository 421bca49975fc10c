"""The seals over users, memberships, roles, policies and cut-offs: each over a whole (S5).

Each is written with the row that it is over, out of the model that a verb has read and compared. A
membership is covered together with the ids of its roles, so none is added and none swapped.
`UNSEALED` names the columns that give nobody power.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table

from counterfoil.directory.presets import Policy
from counterfoil.directory.store.tables import cut_offs, memberships, policies, roles, users
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.sentence import sentence
from counterfoil.runtime.seal import Seal, plain, seal_of


@dataclass(frozen=True)
class Sealed:
    """One kind of thing that is sealed: its table, and the columns that its seal is over.

    What hangs on it, such as the roles of a membership, is told besides.
    """

    name: str
    table: Table
    columns: tuple[str, ...]

    def shown(self) -> list[ColumnElement[Any]]:
        """Return these columns and the seal behind them, to be selected before any others."""
        return [self.table.c[name] for name in (*self.columns, "seal")]

    def holds(self, tx: Connection, row: Sequence[Any], *more: object) -> bool:
        """Say whether what a row shows is as it was sealed; always so where the directory is not.

        Instants may be microseconds.
        """
        seal, place = seal_of(tx), len(self.columns)
        if seal is None or not seal.spans_directory:
            return True
        return seal.holds(row[place], self._said(row[:place], more))

    def holds_plainly(self, seal: Seal, row: Sequence[Any], *more: object) -> bool:
        """Say whether a row is as it was sealed whose values are told as a seal is over them."""
        place = len(self.columns)
        return seal.holds(row[place], [self.name, row[:place], *more])

    def sealed(self, tx: Connection, columns: Mapping[str, Any], *more: object) -> dict[str, Any]:
        """Return columns as they are to be written, with the seal; none where rows have none."""
        seal, written = seal_of(tx), dict(columns)
        if seal is not None:
            written["seal"] = seal.over(self._said(itemgetter(*self.columns)(columns), more))
        return written

    def _said(self, values: Sequence[Any], more: Sequence[object]) -> list[Any]:
        return [self.name, [plain(value) for value in values], *more]


USER: Final = Sealed(
    "user",
    users,
    ("id", "email", "email_folded", "name", "kind", "active", "cut_off", "held_since", "version"),
)
MEMBERSHIP: Final = Sealed(
    "membership",
    memberships,
    ("organization_id", "user_id", "enabled", "cut_off", "joined_at", "ended_at", "invited_as",
     "version"),
)  # fmt: skip
"""On it hang the ids of its roles, in order."""
ROLE: Final = Sealed(
    "role",
    roles,
    ("id", "organization_id", "name", "name_folded", "scopes", "custom", "roots", "built_in",
     "version"),
)  # fmt: skip
POLICY: Final = Sealed(
    "policy", policies, ("organization_id", *(field.name for field in fields(Policy)))
)
CUT_OFF: Final = Sealed("organization_cut_off", cut_offs, ("organization_id", "cut_off"))

UNSEALED: Final = frozenset(
    {
        "user.seal", "user.language",
        "membership.seal",
        "membership_role.organization_id", "membership_role.user_id",
        "role.seal",
        "policy.seal",
        "organization_cut_off.seal",
    }
)  # fmt: skip
"""Columns that a seal does not cover. Whose a role is says with which membership it is covered."""


def counted(version: Any, *, is_sound: bool) -> int:  # noqa: ANN401 - what a column holds
    """Return a version from which others can follow, whatever somebody wrote into a row."""
    if is_sound or (isinstance(version, int) and 0 < version < _VERSIONS):
        return int(version)
    return 1


_VERSIONS: Final = 1 << 30


class Unsound(Conflict):
    """What a state was made of is not as it was sealed."""


def require_sound(*, is_sound: bool) -> None:
    """Return if what a state was made of is as it was sealed: no seal is renewed over the rest.

    Raises:
        Unsound: saying what becomes of it.
    """
    if not is_sound:
        raise Unsound(
            Code.CONFLICT,
            sentence(
                "Somebody changed this in the database, so it allows nothing. It is closed within "
                "a minute: set it again then."
            ),
        )
