"""What is done and killed, and what must be so afterwards, in a process that was begun anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

from chaos.kill.asked import Asked
from chaos.kill.begun import Begun
from chaos.kill.migrated import Migrated
from chaos.kill.place import Copy, Place
from chaos.kill.recovered import BackedUp, PutBack
from chaos.kill.uploaded import Uploaded
from chaos.kill.verbs import VERBS


class Act(Protocol):
    """Something that is done, and may be killed."""

    def prepare(self, place: Place, copy: Copy) -> None:
        """Make ready for it, and see what may become of it."""

    def do(self, place: Place) -> None:
        """Do it; the answer stands in `place.told` when it is given."""

    def broken(self, place: Place) -> list[str]:
        """Begin anew; return which promises are broken."""


ACTS: Final[Mapping[str, Callable[[], Act]]] = {
    **{name: partial(Asked, verb) for name, verb in VERBS.items()},
    "begin": Begun,
    "upload": Uploaded,
    "migrate": Migrated,
    "backup": BackedUp,
    "restore": PutBack,
}
"""By name, each made anew."""
BY_TOOLS: Final = frozenset({"backup", "restore"})
"""What is done by the tools of Postgres, where the database is one."""
