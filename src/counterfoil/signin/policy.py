"""Who may come in, for how long, and how often they may try: pure rules that raise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from counterfoil.kernel.errors import Code as Reason
from counterfoil.kernel.errors import Denied, Invalid, Limited, Malformed, Refused
from counterfoil.kernel.sentence import sentence
from counterfoil.signin.model import CLI, Code, Device, Failures, Proof, Session, Tally
from counterfoil.signin.password import wrong

BROWSER_IDLE: Final = timedelta(minutes=30)
BROWSER_LIFE: Final = timedelta(hours=12)
CODE_LIFE: Final = timedelta(seconds=60)
ACCESS_LIFE: Final = timedelta(minutes=10)
SESSION_IDLE: Final = timedelta(days=14)
SESSION_LIFE: Final = timedelta(days=30)
INVITATION_LIFE: Final = timedelta(days=3)
ENTRY_LIFE: Final = timedelta(minutes=30)
FOUNDING_LIFE: Final = timedelta(minutes=10)
MOST_PASSKEYS: Final = 20
PASSKEY_CHARS: Final = 60
FLOW_LIFE: Final = timedelta(minutes=10)
FLOWS_AT_ONCE: Final = 30
DEVICE_LIFE: Final = timedelta(minutes=10)
DEVICE_INTERVAL_S: Final = 5
USER_CODE_CHARS: Final = 8
ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty letters that make no words and are not taken for each other (RFC 8628 §6.1)."""
NEXT_CHARS: Final = 2048

GUESSES: Final = 3
"""From the third try in a day on, a person is told that wrong codes stand beside their password."""
FREE_TRIES: Final = 10
LONGEST_WAIT: Final = timedelta(minutes=15)
PAUSE: Final = timedelta(seconds=30)
ACCOUNT_TRIES: Final = 100
SOURCE_TRIES: Final = 200

_DOUBLINGS: Final = 20
_PORT: Final = 65_535
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})/callback")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class BadGrant(Malformed):
    """What was shown at the token endpoint opens nothing (RFC 6749 §5.2).

    It is one answer for unknown, expired, spent and cut off. `tainted` says that what was shown may
    be in the wrong hands, so that all that came from it has to end.
    """

    def __init__(self, detail: str, *, tainted: bool = False) -> None:
        super().__init__(None, detail, meta={"error": "invalid_grant"})
        self.tainted = tainted


def signed_out() -> Refused:
    """The answer to a browser session that is unknown, idle or over."""
    return Refused(Reason.INVALID_TOKEN, "You are not signed in.")


def said(error: str, detail: str) -> Malformed:
    """Return a failure that OAuth has a word for."""
    return Malformed(None, detail, meta={"error": error})


def alive(session: Session, now: datetime) -> bool:
    """Say whether a session's time is not up, and it has not stood idle for too long (S44)."""
    idle = BROWSER_IDLE if session.client is None else SESSION_IDLE
    return now < session.dies_at and now < session.seen_at + idle


def require_redeemable(code: Code, proof: Proof, now: datetime) -> None:
    """Return if a code belongs to whoever shows it.

    Raises:
        BadGrant: tainted unless it is merely late.
    """
    if now >= code.dies_at:
        message = "The code is unknown, spent or late."
        raise BadGrant(message)
    elsewhere = proof.redirect_uri is not None and proof.redirect_uri != code.redirect_uri
    if proof.client != code.client or elsewhere:
        message = "The code was given to somebody else."
        raise BadGrant(message, tainted=True)
    if not answers(code.challenge, proof.verifier):
        message = "The code verifier does not answer the challenge."
        raise BadGrant(message, tainted=True)


def answers(challenge: str, verifier: str) -> bool:
    """Say whether a verifier answers an S256 challenge (RFC 7636 §4.6)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def client_at(client: str | None, redirect_uri: str | None) -> tuple[str, str]:
    """Return a client and the place where it wants its answer, if both are known to us.

    Raises:
        Malformed: otherwise; nothing may then be sent to that place (RFC 6749 §4.1.2.1).
    """
    if client != CLI:
        raise said("invalid_client", "There is no such client.")
    port = _LOOPBACK.fullmatch(redirect_uri or "")
    if redirect_uri is None or port is None or int(port[1]) > _PORT:
        raise said("invalid_request", "redirect_uri is http://127.0.0.1:<port>/callback.")
    return client, redirect_uri


def challenge_of(challenge: str | None, method: str | None) -> str:
    """Return a PKCE challenge; there is no way without one, and no other method than S256.

    Raises:
        Malformed: invalid_request.
    """
    if method != "S256" or challenge is None or _CHALLENGE.fullmatch(challenge) is None:
        raise said("invalid_request", "A code_challenge with code_challenge_method=S256 is needed.")
    return challenge


def local_path(text: str | None) -> str | None:
    """Return an address of our own to go on to; None for what would lead anywhere else."""
    if not text or not text.startswith("/") or text[1:2] in {"/", "\\"}:
        return None
    if not (text.isascii() and text.isprintable()) or "\\" in text or " " in text:
        return None
    if len(text) > NEXT_CHARS:
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text


def wait(tally: Tally, now: datetime) -> timedelta:
    """Return how long the next attempt has to wait: softly, so that nobody locks others out (S43).

    An account at one source waits twice as long after each failure from the tenth on. Where many
    fail at one account or from one source there is one try in each half minute; the owner of an
    account is spared that where they were seen lately.
    """
    waits = [_pause(tally.source, SOURCE_TRIES, PAUSE, now)]
    if not tally.known:
        waits.append(_pause(tally.account, ACCOUNT_TRIES, PAUSE, now))
    doubled = timedelta(seconds=2 ** min(max(tally.pair.count - FREE_TRIES, 0), _DOUBLINGS))
    waits.append(_pause(tally.pair, FREE_TRIES, min(doubled, LONGEST_WAIT), now))
    return max(waits)


def _pause(failures: Failures, free: int, pause: timedelta, now: datetime) -> timedelta:
    if failures.last_at is None or failures.count < free:
        return timedelta()
    return max(failures.last_at + pause - now, timedelta())


def uninvited() -> Refused:
    """The one answer to a code that is unknown, used, late, replaced, or worth nothing now."""
    return Refused(
        Reason.INVALID_INVITATION, "The code is unknown, used or late: ask whoever gave it to you."
    )


def not_vouched(label: str, why: str) -> Refused:
    """Return the answer to who comes back from a provider and is not let in by it."""
    return Refused(
        Reason.PROVIDER_REFUSED,
        sentence(
            "You are not signed in by %(provider)s: %(why)s.", provider=label, why=sentence(why)
        ),
    )


def unknown_at(label: str) -> Refused:
    """Return the one answer to an account that is nobody's, or of somebody who may not come in."""
    return Refused(
        Reason.UNKNOWN_IDENTITY,
        sentence(
            "Nobody who may come in here is known by this account of %(provider)s. Sign in"
            " otherwise and link it, or use the code that you were invited with.",
            provider=label,
        ),
    )


def require_passwords(allowed: bool) -> None:  # noqa: FBT001 - a claim about passwords
    """Return if people may sign in with passwords here.

    Raises:
        Denied: PASSWORDS_REFUSED.
    """
    if not allowed:
        raise Denied(
            Reason.PASSWORDS_REFUSED, "Passwords are refused here: sign in with your provider."
        )


def require_passkeys(allowed: bool) -> None:  # noqa: FBT001 - a claim about passkeys
    """Return if people may sign in with passkeys here: where they may with passwords.

    Raises:
        Denied: PASSWORDS_REFUSED.
    """
    if not allowed:
        raise Denied(
            Reason.PASSWORDS_REFUSED, "Passkeys are refused here: sign in with your provider."
        )


def passkey_name(text: str) -> str:
    """Return what somebody calls a passkey; it may be nothing.

    Raises:
        Invalid: for what is too long, or cannot be seen.
    """
    name = text.strip()
    if len(name) > PASSKEY_CHARS or not name.isprintable():
        raise Invalid(
            Reason.INVALID_FIELD,
            sentence(
                "A name has at most %(most)s characters, and each can be seen.", most=PASSKEY_CHARS
            ),
            field="/name",
        )
    return name


def require_few(flows: int) -> None:
    """Return if not too many sign-ins of a source are at a provider already.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED, with `retry_after` in seconds.
    """
    if flows >= FLOWS_AT_ONCE:
        raise Limited(
            detail=sentence("Too many sign-ins have been begun from here. Try again later."),
            meta={"retry_after": int(FLOW_LIFE.total_seconds())},
        )


def interval(device: Device, now: datetime) -> int:
    """Return how long a device has to wait from now on: five seconds more if it did not wait."""
    before = device.polled_at
    if before is None or now >= before + timedelta(seconds=device.interval_s):
        return device.interval_s
    return device.interval_s + DEVICE_INTERVAL_S


def require_answered(device: Device, now: datetime, interval_s: int) -> None:
    """Return if somebody let a device in, and it asks no oftener than it may (RFC 8628 §3.5).

    Raises:
        Malformed: expired_token, access_denied, slow_down or authorization_pending.
    """
    if now >= device.dies_at:
        raise said("expired_token", "Nobody answered in time: ask for another code.")
    if device.denied:
        raise said("access_denied", "Somebody said no.")
    if interval_s != device.interval_s:
        raise said("slow_down", f"Ask every {interval_s} seconds.")
    if device.user is None:
        raise said("authorization_pending", "Nobody has answered yet.")


def require_same_password(held: str | None, seen: str | None) -> None:
    """Return if the password that was proved is still the one that is kept.

    Raises:
        Refused: WRONG_PASSWORD if it was changed meanwhile.
    """
    if held is None or held != seen:
        raise wrong()


def require_patience(wait: timedelta) -> None:
    """Return if there is nothing to wait for.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED, with `retry_after` in seconds.
    """
    if wait > timedelta():
        raise Limited(
            detail=sentence("There were too many attempts to sign in. Try again later."),
            meta={"retry_after": math.ceil(wait.total_seconds())},
        )
