"""Whose signed reports of leaked tokens are taken, as the operator says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.plain import in_words
from counterfoil.runtime.provider import Unreachable
from counterfoil.runtime.settings import SettingError, Settings

if TYPE_CHECKING:
    from counterfoil.runtime.finders import Finders

GITHUB: Final = "https://api.github.com/meta/public_keys/secret_scanning"


def finders(settings: Settings, clock: Clock) -> Finders | None:
    """Return what knows the keys that the settings name; None if they name none.

    An address is asked when the first report comes, and not before.

    Raises:
        SettingError: for a file that holds no such keys.
    """
    named = settings.leak_keys
    if not named:
        return None
    from counterfoil.runtime.finders import PublicKeys, keys_at, keys_in  # noqa: PLC0415 - loads httpx2 into every server, and most take no such reports

    url = GITHUB if named == "github" else named
    if url.startswith("https://"):
        return keys_at(url, clock)
    file = Path(named)
    try:
        keys_in(_read(file))
    except Unreachable as error:
        message = f"COUNTERFOIL_LEAK_KEYS: {error}"
        raise SettingError(message) from None
    return PublicKeys(lambda: _read(file), clock)


def _read(file: Path) -> object:
    try:
        return msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        message = f"{file} cannot be read: {in_words(error)}"
        raise Unreachable(message) from None
