"""What the commands at the machine share: the settings, the failures, and how a code is shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.plain import in_words

if TYPE_CHECKING:
    from sqlalchemy.exc import SQLAlchemyError

    from counterfoil.runtime.settings import Settings
    from counterfoil.signin import Invited

_SETUP = "/setup"


def settings_of(data_dir: Path) -> Settings:
    """Return the settings of the installation in a directory."""
    from counterfoil.runtime.settings import PREFIX, SettingError, load

    try:
        return load({**os.environ, f"{PREFIX}DATA_DIR": str(data_dir)})
    except SettingError as error:
        raise Stop(Exit.CONFIG, str(error)) from None


def good(option: str, proper: Callable[[str], object], given: str) -> None:
    """Return if a value can be what an option says it is."""
    try:
        proper(given)
    except Invalid as error:
        raise Stop(Exit.USAGE, f"{option}: {error.detail}") from None


@contextmanager
def machine() -> Iterator[None]:
    """Turn what stands in the way of any work at the machine into a sentence and an exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from counterfoil.app.fit import UnreadyError
    from counterfoil.runtime.settings import SettingError

    try:
        yield
    except (UnreadyError, SettingError) as error:
        raise Stop(Exit.CONFIG, str(error)) from None
    except SQLAlchemyError as error:
        what = f"The database cannot be used ({of_database(error)})"
        raise Stop(Exit.CONFIG, what, "See COUNTERFOIL_DATABASE_URL, or the directory.") from None


def of_database(error: SQLAlchemyError) -> str:
    """Return what a driver says of a database, in a line; it is said to its operator alone."""
    from sqlalchemy.exc import ArgumentError

    if isinstance(error, ArgumentError):
        return "its address is none"  # which may hold a password
    said = getattr(error, "orig", None) or error
    return in_words(said) if isinstance(said, Exception) else str(said)


def nothing_done() -> None:
    """Say that all of it was a rehearsal."""
    note("… a dry run: nothing has changed")


def code_facts(invited: Invited | None, base_url: str) -> list[tuple[str, object]]:
    """Return what a person must be told of a code, for a terminal."""
    told = code_told(invited, base_url)
    return [] if told is None else [("code", told["code"]), ("at", told["url"]),
                                    ("until", told["expires_at"])]  # fmt: skip


def code_told(invited: Invited | None, base_url: str) -> dict[str, str] | None:
    """Return what a person must be told of a code, for a program."""
    if invited is None:
        return None
    return {
        "code": invited.code.reveal(),
        "url": f"{base_url}{_SETUP}",
        "expires_at": spell_instant(invited.dies_at),
    }
