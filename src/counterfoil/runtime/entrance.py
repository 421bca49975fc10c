"""Where a bus is, and how it is entered: known without what speaks to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from counterfoil.kernel.plain import in_words
from counterfoil.kernel.private import read_private

JWT: Final = "-----BEGIN NATS USER JWT"
"""How a credentials file of NATS begins."""


class EntranceError(Exception):
    """The file holds no credentials, or others may read it; the message says which."""


class Entrance(NamedTuple):
    """The servers of a bus, and what one shows to them.

    Attributes:
        urls: `tls://host:port`, or `nats://` on this machine.
        credentials: a credentials file of NATS as it is, or `user:password`; empty for none.
    """

    urls: tuple[str, ...]
    credentials: str = ""

    @property
    def is_secured(self) -> bool:
        """Whether it is reached over TLS alone."""
        return all(url.startswith("tls:") for url in self.urls)


def entrance(urls: str, credentials_file: str) -> Entrance:
    """Return the bus that is named so, with what is in the file.

    Raises:
        EntranceError: for the file.
    """
    shown = _read(Path(credentials_file)) if credentials_file else ""
    return Entrance(tuple(urls.split(",")), shown)


def _read(path: Path) -> str:
    try:
        held, private = read_private(path)
        text = held.decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EntranceError(f"{path} cannot be read: {in_words(error)}") from None
    if not private:
        raise EntranceError(f"others may read {path}: chmod 600 it")
    if not text.startswith(JWT) and not all(text.partition(":")):
        raise EntranceError(f"{path} holds no credentials: a file of NATS, or user:password")
    return text
