"""Callers: who is asking, by what kind of credential, and what that grants."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from counterfoil.access.grant import Grant
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId

STEP_UP: Final = timedelta(minutes=15)
"""How fresh a person's proof must be for what mints, approves or widens (S44)."""


class Method(StrEnum):
    """How the caller came in. Operations name the methods that they admit; the rest is closed."""

    SESSION = "session"
    """A person who signed in: an OAuth session of our own authorization server (G3)."""
    PERSONAL = "personal"
    """A person's token, or what it was exchanged for: that one is judged as the token itself."""
    SERVICE = "service"
    EXCHANGED = "exchanged"
    """A short-lived token got with a client id and secret."""
    SYSTEM = "system"
    """The office itself: what lapses, and what an operator does at the machine."""

    __hash__ = str.__hash__  # an enum's own is a function in Python, and sets ask for it


class Caller(msgspec.Struct, frozen=True):
    """A verified credential and its live authority.

    A struct and no dataclass: the gate makes one for each request, in a tenth of the time.

    Attributes:
        organization: where it acts.
        user: in whose name it acts; None for an API token whose authority is a role.
        method: the kind of credential.
        grant: what it may do now.
        token: the credential's id, for the audit trail.
        token_name: what it is called now, so that the trail can say so (X3).
        issuer: who made an API token, so that the trail can say so too (Q18).
        expires_us: when the credential dies, in Unix microseconds; None never.
        authenticated_at: when the person last proved who they are (sessions alone).
        credential: the digest of what it was verified by, so that the gate can be asked again;
            None for the office itself, and for who came by a cookie.
        parent: the pair or personal token that was exchanged for it, if any.
        vouched_in: the organizations in which an outside provider that counts there vouched for the
            person (sessions alone); None for all.
    """

    organization: OrganizationId
    user: UserId | None
    method: Method
    grant: Grant
    token: TokenId | None = None
    token_name: str | None = None
    issuer: UserId | None = None
    expires_us: int | None = None
    authenticated_at: datetime | None = None
    credential: bytes | None = None
    parent: TokenId | None = None
    vouched_in: tuple[int, ...] | None = ()

    @property
    def counted_as(self) -> TokenId | None:
        """Under whose id its requests are counted: what one was exchanged for shares its budget."""
        return self.parent or self.token

    @property
    def expires_at(self) -> datetime | None:
        """When the credential dies, as an instant."""
        return None if self.expires_us is None else instant(self.expires_us)

    def is_vouched_in(self, organization: OrganizationId) -> bool:
        """Say whether a provider that counts in an organization vouched for the person."""
        return self.vouched_in is None or organization in self.vouched_in

    def proved_within(self, now: datetime, within: timedelta = STEP_UP) -> None:
        """Return unless this is a person whose last proof of who they are is older than that.

        There is no person behind the other kinds of credential: what those may do, operations say.

        Raises:
            Denied: STEP_UP_REQUIRED, with the seconds that are allowed.
        """
        if self.method is not Method.SESSION:
            return
        if self.authenticated_at is None or now - self.authenticated_at > within:
            raise Denied(
                Code.STEP_UP_REQUIRED,
                "Sign in again: this asks for a fresh proof of who you are.",
                meta={"max_age": int(within.total_seconds())},
            )


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where a request came from, and what at: for the audit trail.

    Attributes:
        agent: the client's own claim.
        aim: what its address names (`nod_…`): on record even if nothing was found or allowed there.
    """

    request_id: str
    address: str = ""
    agent: str = ""
    aim: str | None = None
