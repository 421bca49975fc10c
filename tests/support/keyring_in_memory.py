"""A keyring that keeps secrets, as a desktop has one; for as long as the process lives."""

from __future__ import annotations

from typing import Any, ClassVar

from keyring.backend import KeyringBackend


class Strong(KeyringBackend):
    """Takes any secret, and is as good as the library recommends."""

    priority: Any = 5
    held: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]
