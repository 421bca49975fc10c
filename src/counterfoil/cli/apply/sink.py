"""Where the secrets of new tokens go: `file:DIRECTORY`, a file each, for its owner alone."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from counterfoil.cli.exits import Exit, Stop

_FORM: Final = "file:"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


class Sink:
    """A folder that takes secrets."""

    def __init__(self, said: str) -> None:
        if not said.startswith(_FORM) or said == _FORM:
            raise Stop(Exit.USAGE, f"{said!r} is no place for secrets", "--secret-sink file:DIR")
        self.folder = Path(said.removeprefix(_FORM))

    def prepare(self, names: list[str]) -> None:
        """Return if there is room for a secret of each name: before any is made.

        Raises:
            Stop: exit 3 if the folder cannot be written, exit 7 if a file is there already.
        """
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(_FOLDER_MODE, parents=True)
        except OSError as error:
            raise Stop(Exit.CONFIG, f"{self.folder} cannot be made ({error.strerror})") from None
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise Stop(Exit.CONFIG, f"{self.folder} cannot be written")
        files = [self.file(name) for name in names]
        for file in files:
            if files.count(file) > 1 or os.path.lexists(file):
                raise Stop(
                    Exit.CONFLICT, f"{file} is there already", "Move it, or name another folder."
                )

    def put(self, name: str, secret: str) -> Path:
        """Store a secret; never through a link, never over another one."""
        file = self.file(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(file, flags, _FILE_MODE)
        with os.fdopen(handle, "w") as opened:
            with suppress(OSError):
                os.fchmod(handle, _FILE_MODE)
            opened.write(f"{secret}\n")
        return file

    def file(self, name: str) -> Path:
        """Return where the secret of a name goes, whatever the name is."""
        return self.folder / f"{_UNFIT.sub('-', name).strip('-') or 'token'}.token"
