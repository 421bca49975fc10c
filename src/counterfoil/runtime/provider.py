"""OpenID providers: what an operator says of each, and what the sign-in doors ask of it.

What speaks OpenID Connect is `runtime/openid/`; it is loaded only where a provider is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from types import MappingProxyType
from typing import Protocol, TypeAlias

from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId

Claim: TypeAlias = str | int | bool


@dataclass(frozen=True, slots=True)
class Provider:
    """One OpenID provider, and what we are called there.

    Attributes:
        name: by which our addresses call it: small letters, digits and hyphens.
        label: by which people know it.
        issuer: its address, exactly as it names itself: https, or http on this machine.
        client_id: our own id there.
        client_secret: our secret there; None for a public client.
        scopes: what is asked for; `openid` is always among them.
        claims: what its word on a person has to say beside who they are: each claim is this value,
            of the same kind, or a list in which it stands.
        organizations: in one of which whoever comes in by it has to be a member, and in which alone
            its word counts where a provider is asked for; empty for any.
        says_when: whether it tells when somebody proved who they are (`auth_time`). Of one that
            does not, the moment of its answer counts.
    """

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ("openid",)
    claims: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    organizations: frozenset[OrganizationId] = frozenset()
    says_when: bool = True

    def counts_in(self, organization: OrganizationId) -> bool:
        """Say whether it is believed in an organization who somebody is."""
        return not self.organizations or organization in self.organizations


@dataclass(frozen=True, slots=True)
class Asking:
    """One question to a provider, who somebody is, and what its answer has to fit.

    Attributes:
        redirect_uri: where it answers, to the letter.
        state: comes back with the answer.
        nonce: stands in what it signs.
        verifier: of PKCE; the provider sees its S256 challenge first.
        asked_at: when the browser was sent there.
        max_age_s: how old a proof may be before the provider has to ask for a new one.
    """

    redirect_uri: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    asked_at: datetime
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who a provider says that somebody is: the issuer and subject, and nothing else, is a person.

    Attributes:
        authenticated_at: when they proved it there.
    """

    issuer: str
    subject: str
    authenticated_at: datetime


class Unproven(Exception):
    """A provider's answer is not to be believed; the message says why, and holds no secret."""


class Unreachable(Exception):
    """A provider does not answer, or not as one."""


class Relying(Protocol):
    """Speaks to one provider."""

    @property
    def provider(self) -> Provider:
        """Which."""
        ...

    def address(self, asking: Asking) -> str:
        """Return where to send a browser with a question.

        Raises:
            Unreachable: if the provider does not say where.
        """
        ...

    def require_own(self, issuer: str | None) -> None:
        """Return if an answer names the provider, where it says that it does (RFC 9207).

        Raises:
            Unproven: if another one answered in its place, or nobody says who.
            Unreachable: if the provider cannot be asked.
        """
        ...

    def told(self, asking: Asking, code: str, issuer: str | None, now: datetime) -> Told:
        """Return who somebody is, for the code that their browser came back with.

        The issuer is who says to have answered (RFC 9207), if anybody does.

        Raises:
            Unproven: if anything does not fit.
            Unreachable: if the provider cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class Providers:
    """By which providers people may sign in, by name, and whether passwords still do."""

    known: Mapping[str, Relying] = field(default_factory=lambda: MappingProxyType({}))
    passwords: bool = True

    def each(self) -> list[Provider]:
        """Return every provider, as the operator's file has them."""
        return [one.provider for one in self.known.values()]

    def counting_in(self, organization: OrganizationId) -> list[Provider]:
        """Return those that are believed in an organization."""
        return [one for one in self.each() if one.counts_in(organization)]

    def __getitem__(self, name: str) -> Relying:
        """Return what speaks to a provider.

        Raises:
            NotFound: if there is none of this name.
        """
        if name not in self.known:
            raise NotFound(detail="There is no such provider.")
        return self.known[name]


def is_here(host: str) -> bool:
    """Say whether a host's name is this machine's own."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
