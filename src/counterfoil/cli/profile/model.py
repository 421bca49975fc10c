"""A profile: a server, an organization, and at most one kind of credential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from counterfoil.client import SessionTokens

DEFAULT: Final = "default"
"""The profile that stands at the top of the file."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is remembered of one server.

    Attributes:
        keyring: whether the credential lies in the system's keyring, and not in the file.
    """

    url: str | None = None
    organization: str | None = None
    pat_token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    session: SessionTokens | None = field(default=None, repr=False)
    keyring: bool = False

    def with_token(self, token: str) -> Profile:
        """Return the profile with this token and no other credential."""
        return replace(self.without_credential(), pat_token=token, keyring=self.keyring)

    def with_pair(self, client_id: str, secret: str) -> Profile:
        """Return the profile with this pair and no other credential."""
        return replace(self.without_credential(), client_id=client_id, client_secret=secret)

    def with_session(self, session: SessionTokens) -> Profile:
        """Return the profile with this session and no other credential."""
        return replace(self.without_credential(), session=session, keyring=self.keyring)

    def without_credential(self) -> Profile:
        """Return the profile without any credential."""
        return Profile(self.url, self.organization)

    @property
    def holds(self) -> str:
        """What kind of credential it has, in words; nothing for none."""
        if self.pat_token:
            return "token"
        if self.session:
            return "session"
        return "key and secret" if self.client_id else ""


@dataclass(frozen=True, slots=True)
class Profiles:
    """All that a file says: profiles by name, and which of them is in use."""

    named: Mapping[str, Profile] = field(default_factory=dict)
    current: str = DEFAULT

    def get(self, name: str) -> Profile:
        """Return a profile; an empty one if there is none of this name."""
        return self.named.get(name, Profile())

    def put(self, name: str, profile: Profile) -> Profiles:
        """Return all with this one in its place."""
        return replace(self, named={**self.named, name: profile})
