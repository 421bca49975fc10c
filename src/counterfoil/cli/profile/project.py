"""`./counterfoil.toml`: what a project says to whoever works in its folder, and never a secret.

It comes from whoever wrote the project, who may be a stranger: what it may say is which of your
profiles is meant, which server, which organization. It gives no server a credential that was not
meant for it (decision 66).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.cli.exits import Exit, Stop

FILE: Final = "counterfoil.toml"
_KEYS: Final = ("url", "organization", "profile")
_MOST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Project:
    """What the file says; all of it may be missing."""

    url: str | None = None
    organization: str | None = None
    profile: str | None = None


def read_project(folder: Path) -> Project:
    """Return what the project file in a folder says; nothing if there is none.

    Raises:
        Stop: exit 3 if it cannot be read, or says what it may not.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return Project()
    except OSError as error:
        raise Stop(Exit.CONFIG, f"./{FILE} cannot be read ({error.strerror})") from None
    try:
        said = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Stop(Exit.CONFIG, f"./{FILE} is not TOML") from None
    for key in said:
        if key not in _KEYS:
            raise Stop(
                Exit.CONFIG,
                f"./{FILE} has a key that does not belong there: {key!r}",
                f"It may say {', '.join(_KEYS)}. A secret has no place in a project:"
                " `counterfoil auth login` keeps it.",
            )
    if not all(isinstance(value, str) for value in said.values()):
        raise Stop(Exit.CONFIG, f"./{FILE} is made of strings alone")
    return Project(**said)
