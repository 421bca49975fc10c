"""What the settings name is tried before any worker needs it: whoever starts a server is told."""

from __future__ import annotations

from pathlib import Path

from counterfoil.app import scraping
from counterfoil.app.depot import depot
from counterfoil.app.finders import finders
from counterfoil.app.providers import providers
from counterfoil.app.telling import entered
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.plain import in_words
from counterfoil.runtime.lasting import make_folder
from counterfoil.runtime.settings import PREFIX, SettingError, Settings


def require(settings: Settings, clock: Clock, entropy: Entropy) -> None:
    """Return if all files and folders that the settings name are there, and say what they should.

    Nobody elsewhere is asked: they may be away for a moment.

    Raises:
        SettingError: naming the variable that is wrong.
        UnreadyError: if what is to be spoken to needs an extra that is not installed.
    """
    scraping.secret_of(settings)
    providers(settings, clock)
    finders(settings, clock)
    entered(settings)
    depot(settings, entropy)
    _made("REVOCATIONS", settings.revocations_dir)
    if not settings.bucket:
        _made("FILES", settings.files_dir)


def _made(name: str, folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        message = f"{PREFIX}{name}: {folder} cannot be made: {in_words(error)}"
        raise SettingError(message) from None
