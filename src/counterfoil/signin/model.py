"""Sessions, the codes that begin them, and the secrets by which they are known.

A session is one sign-in of one person at one client. It carries the feed's position of the moment
in which the person proved who they are, through every code and every refresh: so what cuts the
person off cuts off all that came from that proof, however young the secret in hand (S20).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.secret import Secret

CLI: Final = "counterfoil-cli"
"""The public client that is built in: a program on the person's own machine."""


ACCOUNT_WINDOW: Final = timedelta(days=1)
SOURCE_WINDOW: Final = timedelta(minutes=15)
KNOWN_FOR: Final = timedelta(days=30)
"""How long failures count against an account and a source, and how long a source stays known."""


class Purpose(StrEnum):
    """What a session's secret is good for."""

    COOKIE = "cookie"
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person at one client.

    Attributes:
        id: which the gates and the audit trail know as a token's.
        client: the OAuth client; None for the browser session that a cookie names.
        position: the feed's head when the person proved who they are.
        authenticated_at: when that was.
        seen_at: when it was last used at our own doors.
        dies_at: when it is over, whatever happens.
        begun_by: the digest of the code that it came from; a second use of the code finds it.
        provider: by which OpenID provider they proved it; None by a password or passkey.
    """

    id: TokenId
    user: UserId
    client: str | None
    position: int
    authenticated_at: datetime
    seen_at: datetime
    dies_at: datetime
    begun_by: bytes | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that nobody has redeemed yet, and what it was asked with."""

    digest: bytes
    user: UserId
    client: str
    redirect_uri: str
    challenge: str
    position: int
    authenticated_at: datetime
    dies_at: datetime
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asks of the authorization endpoint: where to answer, and the PKCE challenge."""

    client: str
    redirect_uri: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client shows at the token endpoint beside its code (RFC 7636 §4.5)."""

    client: str
    redirect_uri: str | None
    verifier: str


@dataclass(frozen=True, slots=True)
class Issued:
    """The two secrets of an OAuth session, for the one answer that carries them."""

    access: Secret
    refresh: Secret


@dataclass(frozen=True, slots=True)
class Account:
    """Whoever a credential speaks for, and the organization in whose trail it is recorded."""

    user: UserId
    organization: OrganizationId


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code with which a person comes in, kept as a digest.

    It opens an account to its bearer, who chooses how they prove who they are; or it `joins`, and
    whoever is signed in to an account becomes a member of one more organization by it.

    Attributes:
        organization: where they were invited.
        by: the member who invited them; None for the operator at the machine.
        position: the feed's head at that moment, for cut-offs.
    """

    digest: bytes
    organization: OrganizationId
    user: UserId
    by: UserId | None
    position: int
    made_at: datetime
    dies_at: datetime
    joins: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """By what a person can sign in, and when they last did.

    Attributes:
        password: whether they have one.
        second: whether their password asks for a code of an authenticator app.
        passkeys: how many they have.
        issuers: of the accounts of outside providers by which they are known.
        last_at: when they last signed in; None if they never have since that is kept.
        last_by: by which provider that was; None by a password or passkey.
    """

    password: bool = False
    second: bool = False
    passkeys: int = 0
    issuers: tuple[str, ...] = ()
    last_at: datetime | None = None
    last_by: str | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """An account of an outside provider, by which one person is known here.

    Attributes:
        used_at: when they last signed in by it.
    """

    id: int
    user: UserId
    issuer: str
    subject: str
    linked_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """A browser that was sent to a provider, and what it is to come back for.

    What the provider's answer has to fit, the verifier and the nonce, follows from the two tickets
    and is kept nowhere: one is in the browser's cookie, the other comes back with the answer.

    Attributes:
        state: the digest of the ticket that comes back.
        browser: the digest of the ticket in the cookie.
        next_: where to go on to.
        linking: the browser session of whoever wants to be known by the account from now on.
        invitation: the digest of the code that the account is to take up.
        max_age_s: how old a proof the provider may let count, at most.
    """

    state: bytes
    browser: bytes
    provider: str
    begun_at: datetime
    dies_at: datetime
    next_: str | None = None
    linking: TokenId | None = None
    invitation: bytes | None = None
    max_age_s: int | None = None


ADD: Final = "add"
ACCEPT: Final = "accept"
ENTER: Final = "enter"
"""What a browser is asked for: one more passkey, the first one, or one that there is."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key whose private half an authenticator of one person keeps.

    Attributes:
        credential: the authenticator's own name for it.
        public_key: in COSE.
        sign_count: how often it had signed when it was last used; 0 where it does not count.
        name: what its person calls it; may be empty.
        used_at: when they last signed in by it.
    """

    id: int
    user: UserId
    credential: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    name: str
    made_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser was asked to have signed, and by whom.

    Attributes:
        purpose: what the answer is good for.
        challenge: the digest of what is to be signed.
        browser: the digest of the ticket in the browser's cookie.
        user: who is to answer; None for whoever stands there.
        invitation: the digest of the code that the passkey is to take up.
    """

    purpose: str
    challenge: bytes = b""
    browser: bytes = b""
    dies_at: datetime = _NEVER
    user: UserId | None = None
    invitation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A device that asks to be let in, and what a person said to it (RFC 8628).

    Attributes:
        digest: of the device's own code.
        user_code: the digest of the letters that a person types.
        address: where it asked from; `agent` is its own claim.
        interval_s: how long it has to wait between two questions.
        polled_at: when it last asked.
        user: who let it in; with the position, proof and provider of their browser session.
    """

    digest: bytes
    user_code: bytes
    client: str
    address: str
    agent: str
    begun_at: datetime
    dies_at: datetime
    interval_s: int
    polled_at: datetime | None = None
    denied: bool = False
    user: UserId | None = None
    position: int = 0
    authenticated_at: datetime | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts that failed, and when the last of them did."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of the attempts to sign in to an account from a source.

    Attributes:
        pair: of this account at this source, since the person was last seen there.
        account: of this account, wherever.
        source: of this source, at whatever account.
        known: whether the person has signed in from there lately.
    """

    pair: Failures
    account: Failures
    source: Failures
    known: bool = False
