"""A device without a browser asks to be let in, and a person answers in theirs (RFC 8628).

The device shows eight letters; the person types them where they are signed in, sees who asks, and
says yes or no. Only a browser session says yes, with a fresh proof: no token does, and no session
of a client, for whoever holds those would make themselves more of them (S49).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from counterfoil.access.caller import Origin
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, Denied, NotFound
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.secret import redacted
from counterfoil.signin import policy
from counterfoil.signin.model import Device, Session
from counterfoil.signin.policy import ALPHABET
from counterfoil.signin.steps.session import account
from counterfoil.signin.store import devices, identities, rows
from counterfoil.signin.ticket import Ticket, draw

_DOMAIN = b"counterfoil/user-code/v1\0"
_AGENT_CHARS = 256


@dataclass(frozen=True, slots=True)
class Question:
    """What a device is told: its own code, and the one that it shows."""

    device_code: str = field(repr=False)
    user_code: str


def begin_device(office: Office, client: str, origin: Origin) -> Question:
    """Let a device ask; it has ten minutes to be answered.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED.
    """
    now = office.clock()
    code, kept = draw(Ticket.DEVICE, office.entropy)
    letters = _letters(office.entropy)
    new = Device(
        digest=kept,
        user_code=digest_of(letters),
        client=client,
        address=origin.address[:64],
        agent=redacted(origin.agent)[:_AGENT_CHARS],
        begun_at=now,
        dies_at=now + policy.DEVICE_LIFE,
        interval_s=policy.DEVICE_INTERVAL_S,
    )
    source = identities.source_key(origin.address)
    with office.database.transaction() as tx:
        devices.drop_late(tx, now - policy.DEVICE_LIFE)
        policy.require_few(devices.count(tx, source))
        devices.add(tx, new, source)
    return Question(code, f"{letters[:4]}-{letters[4:]}")


def look_up(office: Office, user: UserId, typed: str, origin: Origin) -> Device:
    """Return what somebody is asked by the letters that they typed; a guess is counted.

    What is found forgives no guess: whoever lets a device of their own ask has letters to find.

    Raises:
        NotFound: if nothing is asked by them, or not any more.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    now = office.clock()
    source = identities.source_key(origin.address)
    guesser = hashlib.sha256(_DOMAIN + str(user).encode()).digest()
    with office.database.transaction() as tx:
        tally = identities.tally(tx, guesser, source, now)
        policy.require_patience(policy.wait(tally, now))
        found = devices.shown(tx, digest_of(typed))
        if found is not None and now < found.dies_at:
            return found
        identities.count(tx, guesser, source, tally.pair.count + 1, now)
    raise NotFound(detail="No device asks by this code, or not any more: look at it again.")


@operation("device.approve", requires=None, owner=True, fresh=True)
def approve(work: Work, device: Device) -> None:
    """Let a device speak for the caller, as a client of theirs.

    Raises:
        Denied: unless it is a browser session that says so.
        Conflict: if the device was answered already, or is late.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    session = _browser(work, user)
    account(work.tx, user, session.position)
    if work.now >= device.dies_at or not devices.approve(work.tx, device.digest, session):
        raise Conflict(Code.REQUEST_CLOSED, "The device asks no more: let it ask again.")


@operation("device.deny", requires=None, owner=True)
def deny(work: Work, device: Device) -> None:
    """Refuse a device for good."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    devices.deny(work.tx, device.digest)


def digest_of(letters: str) -> bytes:
    """Return under what a code that people type is kept, however they type it."""
    typed = "".join(one for one in letters[:64].upper() if one.isalnum())
    return hashlib.sha256(_DOMAIN + typed.encode()).digest()


def _letters(entropy: Entropy) -> str:
    """Draw eight letters, each as likely as the others."""
    drawn = ""
    while len(drawn) < policy.USER_CODE_CHARS:
        (byte,) = entropy(1)
        if byte < len(ALPHABET) * (256 // len(ALPHABET)):
            drawn += ALPHABET[byte % len(ALPHABET)]
    return drawn


def _browser(work: Work, user: UserId) -> Session:
    for session in rows.of_user(work.tx, user):
        if session.id == work.caller.token and session.client is None:
            return session
    raise Denied(
        Code.CREDENTIAL_KIND_NOT_ADMITTED, "Only who is signed in at a browser lets a device in."
    )
