"""The file that remembers server and credential: TOML, readable by its owner alone.

It holds at most one kind of credential: `pat_token`, or `client_id` and `client_secret`, or the
table `[session]` that `auth login` writes. A file that others can read, that somebody else owns, or
that a symbolic link stands in for, is refused; the file is never written in place (S16).
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.client import SessionTokens

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077
_OTHERS_WRITE: Final = 0o022
_MOST_BYTES: Final = 64 * 1024
_TEXTS: Final = ("url", "organization", "pat_token", "client_id", "client_secret")
_KEYS: Final = frozenset({*_TEXTS, "session"})


class BrokenFileError(Stop):
    """The file is no TOML, or not the TOML that belongs there."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the file says. Which kind of credential it holds is decided when it is read."""

    url: str | None = None
    organization: str | None = None
    pat_token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    session: SessionTokens | None = field(default=None, repr=False)

    def with_token(self, token: str) -> Profile:
        """Return the profile with this token and no other credential."""
        return replace(self.without_credential(), pat_token=token)

    def with_pair(self, client_id: str, secret: str) -> Profile:
        """Return the profile with this pair and no other credential."""
        return replace(self.without_credential(), client_id=client_id, client_secret=secret)

    def with_session(self, session: SessionTokens) -> Profile:
        """Return the profile with this session and no other credential."""
        return replace(self.without_credential(), session=session)

    def without_credential(self) -> Profile:
        """Return the profile without any credential."""
        return Profile(self.url, self.organization)


def default_path() -> Path:
    """Return where the file is unless somebody says otherwise."""
    from platformdirs import user_config_path

    if home := os.environ.get("XDG_CONFIG_HOME"):
        return Path(home) / "counterfoil" / "config.toml"
    return user_config_path("counterfoil") / "config.toml"


class ProfileFile:
    """The file at one path. `ours` is the default place, whose folder is ours as well."""

    def __init__(self, path: Path | None) -> None:
        self.ours = path is None
        self.path = (path or default_path()).absolute()

    def read(self) -> Profile:
        """Return what the file says; an empty profile if there is none.

        Raises:
            Stop: exit 3, the file as it was.
        """
        self._look_at_folder()
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return Profile()
        except OSError as error:
            if self.path.is_symlink():
                self._refuse("is a symbolic link", f"Put the file itself there: {self.path}")
            self._refuse(f"cannot be read ({error.strerror})", "See who owns it.")
        with os.fdopen(handle, "rb") as file:
            self._look_at(os.fstat(file.fileno()))
            raw = file.read(_MOST_BYTES + 1)
        return self._understand(raw)

    def write(self, profile: Profile) -> None:
        """Put a profile there in one step: whoever reads sees the old file or the new one."""
        self._make_folder()
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            fresh.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(fresh, flags, _FILE_MODE)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), _FILE_MODE)
                file.write(_toml(profile).encode())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except BaseException:
            with suppress(FileNotFoundError):
                fresh.unlink()
            raise

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only process that changes the file.

        The lock is a file beside it, for the file itself is replaced.
        """
        self._make_folder()
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self.path.with_name(f".{self.path.name}.lock"), flags, _FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

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
        except FileNotFoundError:
            return
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

    def _understand(self, raw: bytes) -> Profile:
        try:
            read = tomllib.loads(raw[:_MOST_BYTES].decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            place = str(error).partition("(")[2].rstrip(")") or "it is not UTF-8"
            self._broken(f"is not TOML: {place}")
        if len(raw) > _MOST_BYTES:
            self._broken("is far too large")
        unknown = sorted(read.keys() - _KEYS)
        if unknown:
            self._broken(f"has a key that it does not know: {unknown[0]!r}")
        for key in _TEXTS:
            if not isinstance(read.get(key, ""), str):
                self._broken(f"needs a string as {key}")
        profile = Profile(
            **{key: read[key] for key in _TEXTS if read.get(key)}, session=self._session(read)
        )
        self._one_kind(profile)
        return profile

    def _session(self, read: Mapping[str, Any]) -> SessionTokens | None:
        match read.get("session"):
            case None:
                session = None
            case {"access": str(access), "refresh": str(refresh), "good_until": int(until)}:
                session = SessionTokens(access, refresh, until)
            case _:
                self._broken("has a [session] that is not ours")
        return session

    def _one_kind(self, profile: Profile) -> None:
        pair = profile.client_id, profile.client_secret
        kinds = [profile.pat_token is not None, any(pair), profile.session is not None]
        if sum(kinds) > 1:
            self._refuse(
                "holds two kinds of credentials",
                "Keep one: `pat_token`, or `client_id` and `client_secret`, or `[session]`.",
            )
        if any(pair) and not all(pair):
            self._broken("has half of the pair client_id and client_secret")

    def _refuse(self, what: str, fix: str) -> NoReturn:
        raise Stop(Exit.CONFIG, f"{self.path} {what}", fix)

    def _broken(self, what: str) -> NoReturn:
        fix = "Mend it, or write it anew with `counterfoil configure`."
        raise BrokenFileError(Exit.CONFIG, f"{self.path} {what}", fix)


def _narrow(folder: Path) -> str:
    return f"chmod 700 {folder}"


def _toml(profile: Profile) -> str:
    lines = [
        f"{key} = {_quoted(value)}"
        for key in _TEXTS
        if (value := getattr(profile, key)) is not None
    ]
    if profile.session is not None:
        lines += [
            "",
            "[session]",
            f"access = {_quoted(profile.session.access)}",
            f"refresh = {_quoted(profile.session.refresh)}",
            f"good_until = {int(profile.session.good_until)}",
        ]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's, but for the one control that only TOML forbids."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
