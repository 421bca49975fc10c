"""Where the secrets of new tokens go: files that their owner alone reads, or a program's input."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from counterfoil.cli.exits import Exit, Stop

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_NAME: Final = "COUNTERFOIL_TOKEN_NAME"


class Sink(Protocol):
    """A place that takes secrets."""

    def prepare(self, names: list[str]) -> None:
        """Return if there is room for a secret of each name: before any is made."""

    def put(self, name: str, secret: str) -> str:
        """Put a secret away; return where it is."""


def sink(said: str) -> Sink:
    """Return the place that is meant: `file:DIRECTORY`, or `exec:COMMAND`.

    Raises:
        Stop: exit 2 for another one.
    """
    kind, _, rest = said.partition(":")
    if rest and kind == "file":
        return Folder(Path(rest))
    if rest and kind == "exec":
        return Program(rest)
    raise Stop(
        Exit.USAGE,
        f"{said!r} is no place for secrets",
        "--secret-sink file:DIRECTORY, or exec:COMMAND, which reads it",
    )


class Folder:
    """A folder with a file for each secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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

    def put(self, name: str, secret: str) -> str:
        """Store a secret; never through a link, never over another one."""
        file = self.file(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(file, flags, _FILE_MODE)
        with os.fdopen(handle, "w") as opened:
            with suppress(OSError):
                os.fchmod(handle, _FILE_MODE)
            opened.write(f"{secret}\n")
        return f"in {file}"

    def file(self, name: str) -> Path:
        """Return where the secret of a name goes, whatever the name is."""
        return self.folder / f"{_UNFIT.sub('-', name).strip('-') or 'token'}.token"


class Program:
    """A command that reads each secret from its standard input.

    Once for each: what the token is called stands in COUNTERFOIL_TOKEN_NAME. It is no shell's
    command, so no name of a token is ever read as a part of it.
    """

    def __init__(self, command: str) -> None:
        try:
            self.command = shlex.split(command)
        except ValueError as error:
            raise Stop(Exit.USAGE, f"{command!r} is no command: {error}") from None

    def prepare(self, names: list[str]) -> None:
        """Return if the program is there: before any secret is made.

        Raises:
            Stop: exit 3 if it is not.
        """
        del names
        if not self.command or shutil.which(self.command[0]) is None:
            name = self.command[0] if self.command else "the command"
            raise Stop(Exit.CONFIG, f"{name} is no program that can be run")

    def put(self, name: str, secret: str) -> str:
        """Hand a secret over.

        Raises:
            Stop: exit 1 if the program did not take it: then there is nowhere that it stands.
        """
        try:
            done = subprocess.run(  # noqa: S603 - the command is its user's own, and no shell reads it
                self.command,
                input=f"{secret}\n",
                text=True,
                check=False,
                stdout=subprocess.DEVNULL,
                env={**os.environ, _NAME: name},
            )
            why = f"it exited {done.returncode}" if done.returncode else ""
        except OSError as error:
            why = error.strerror or type(error).__name__
        if why:
            raise Stop(
                Exit.FAILED,
                f"{self.command[0]} did not take the secret of {name} ({why})",
                f"The token is made. Give it another secret: counterfoil token regenerate {name}",
            )
        return f"with {self.command[0]}"
