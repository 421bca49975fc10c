"""Which members of a list are sought, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from counterfoil.kernel.ids import RoleId


class Presence(StrEnum):
    """Whether a member may come in here."""

    ACTIVE = "active"
    INVITED = "invited"
    """They have yet to accept."""
    SHUT_OUT = "shut_out"


@dataclass(frozen=True, slots=True)
class Sought:
    """All that has to be true of a member; None and empty are no condition.

    Attributes:
        query: their name or e-mail address holds this. Of who is only invited that is the name by
            which they were.
        presence: whether they may come in.
        role: they hold it.
        by_name: whether the list is in the order of names, and not of ids.
    """

    query: str = ""
    presence: Presence | None = None
    role: RoleId | None = None
    by_name: bool = False


ANYBODY: Final = Sought()
