"""The file that remembers servers and credentials: TOML, readable by its owner alone.

A profile holds at most one kind of credential: `pat_token`, or `client_id` and `client_secret`, or
the table `[session]` that `auth login` writes, or `keyring = true` for one that lies there. The
default profile stands at the top, any other in a table `[profiles.NAME]`. A file that others can
read, that somebody else owns, or that a symbolic link stands in for, is refused; the file is never
written in place (S16).
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.profile import toml
from counterfoil.cli.profile.model import Profile, Profiles

_FOLDER_MODE: Final = 0o700
_MISSING: Final = (FileNotFoundError, NotADirectoryError)
_FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077
_OTHERS_WRITE: Final = 0o022
_MOST_BYTES: Final = 64 * 1024


class BrokenFileError(Stop):
    """The file is no TOML, or not the TOML that belongs there."""


def default_path() -> Path:
    """Return where the file is unless somebody says otherwise."""
    if home := os.environ.get("XDG_CONFIG_HOME"):
        return Path(home) / "counterfoil" / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("counterfoil") / "config.toml"


class ProfileFile:
    """The file at one path, seen by one profile of it: the one named, else the one in use.

    `ours` is the default place, whose folder is ours as well.
    """

    def __init__(self, path: Path | None, name: str | None = None) -> None:
        self.ours = path is None
        self.path = (path or default_path()).absolute()
        self.name = name

    def read(self) -> Profile:
        """Return the profile; an empty one if there is none.

        Raises:
            Stop: exit 3, the file as it was.
        """
        profiles = self.read_all()
        name = self.name or profiles.current
        profile = profiles.get(name)
        if profile.keyring:
            from counterfoil.cli.profile import vault

            return vault.fetch(self.account(name), profile)
        return profile

    def read_all(self) -> Profiles:
        """Return all that the file says; what lies in the keyring is left there.

        Raises:
            Stop: exit 3, the file as it was.
        """
        self._look_at_folder()
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except _MISSING:
            return Profiles()
        except OSError as error:
            if self.path.is_symlink():
                self._refuse("is a symbolic link", f"Put the file itself there: {self.path}")
            self._refuse(f"cannot be read ({error.strerror})", "See who owns it.")
        with os.fdopen(handle, "rb") as file:
            self._look_at(os.fstat(file.fileno()))
            raw = file.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            self._broken("is far too large")
        try:
            return toml.read(raw)
        except toml.TwoKindsError:
            self._refuse(
                "holds two kinds of credentials",
                "Keep one: `pat_token`, or `client_id` and `client_secret`, or `[session]`.",
            )
        except toml.WrongError as error:
            self._broken(str(error))

    def write(self, profile: Profile) -> None:
        """Put the profile there; a credential that is for the keyring goes into the keyring."""
        profiles = self._others()
        name = self.name or profiles.current
        if profile.keyring and profile.holds:
            from counterfoil.cli.profile import vault

            if vault.keep(self.account(name), profile):
                profile = replace(profile.without_credential(), keyring=True)
            else:
                profile = replace(profile, keyring=False)
        elif profiles.get(name).keyring:
            from counterfoil.cli.profile import vault

            vault.forget(self.account(name))
        self.write_all(profiles.put(name, profile))

    def write_all(self, profiles: Profiles) -> None:
        """Put all of it there in one step: whoever reads sees the old file or the new one.

        Raises:
            Stop: exit 3 if there is no room, or no leave to write; the file as it was.
        """
        with self._writing():
            self._put(profiles)

    def _put(self, profiles: Profiles) -> None:
        self._make_folder()
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            fresh.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(fresh, flags, _FILE_MODE)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), _FILE_MODE)
                file.write(toml.spell(profiles).encode())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except BaseException:
            with suppress(FileNotFoundError):
                fresh.unlink()
            raise

    def account(self, name: str) -> str:
        """Return under which name a profile's credential lies in the keyring."""
        return f"{name} in {self.path}"

    def _others(self) -> Profiles:
        """Return what stands beside the profile that is written; nothing of a broken file."""
        try:
            return self.read_all()
        except BrokenFileError:
            return Profiles()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only process that changes the file.

        The lock is a file beside it, for the file itself is replaced.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._writing():
            self._make_folder()
            handle = os.open(self.path.with_name(f".{self.path.name}.lock"), flags, _FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._refuse(
                f"cannot be written ({error.strerror})",
                "Name another: --config, or COUNTERFOIL_CONFIG. A token in COUNTERFOIL_TOKEN needs"
                " none.",
            )

    def _make_folder(self) -> None:
        folder = self.path.parent
        if not folder.exists():
            for above in reversed(folder.parents):
                above.mkdir(_FOLDER_MODE, exist_ok=True)
            with suppress(FileExistsError):
                folder.mkdir(_FOLDER_MODE)
                folder.chmod(_FOLDER_MODE)
        self._look_at_folder()

    def _look_at_folder(self) -> None:
        folder = self.path.parent
        try:
            found = folder.stat()
        except _MISSING:
            return
        except OSError as error:
            self._refuse(f"cannot be read ({error.strerror})", "See who owns its folder.")
        mode = stat.S_IMODE(found.st_mode)
        if self.ours and mode & _OTHERS:
            self._refuse(f"stands in a folder that others can enter ({mode:04o})", _narrow(folder))
        if mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
            self._refuse(f"stands in a folder that others can change ({mode:04o})", _narrow(folder))

    def _look_at(self, found: os.stat_result) -> None:
        mode = stat.S_IMODE(found.st_mode)
        if not stat.S_ISREG(found.st_mode):
            self._refuse("is no file", f"Remove it: {self.path}")
        if found.st_uid not in {os.geteuid(), 0}:
            self._refuse("belongs to somebody else", "Write your own: `counterfoil configure`.")
        if mode & _OTHERS:
            self._refuse(
                f"can be read by others ({mode:04o})",
                f"chmod 600 {self.path}; and as others may have read it, revoke what is in it.",
            )

    def _refuse(self, what: str, fix: str) -> NoReturn:
        raise Stop(Exit.CONFIG, f"{self.path} {what}", fix)

    def _broken(self, what: str) -> NoReturn:
        fix = "Mend it, or write it anew with `counterfoil configure`."
        raise BrokenFileError(Exit.CONFIG, f"{self.path} {what}", fix)


def _narrow(folder: Path) -> str:
    return f"chmod 700 {folder}"
