"""Codes of an authenticator app (RFC 6238), and the codes for whoever has lost the app.

What an app is given is made of the key of this installation and of a random part, and kept nowhere:
the database holds that part alone, so who reads it can make no code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pyotp

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import UserId
from counterfoil.runtime.seal import Seal

STEP_S: Final = 30
RECOVERY_CODES: Final = 10
SALT_BYTES: Final = 32

_NAME: Final = "Counterfoil"
_SECRET_BYTES: Final = 20
_RECOVERY_BYTES: Final = 10
_GROUP: Final = 4
_AROUND: Final = (-1, 0, 1)
_CODE: Final = re.compile(r"[0-9]{6}")
_RECOVERY: Final = re.compile(r"[a-z2-7]{16}")
_DOMAIN: Final = b"counterfoil/recovery/v1\0"


@dataclass(frozen=True, slots=True)
class Second:
    """An authenticator app that a person has set up beside their password.

    Attributes:
        salt: the random part of what the app was given; the other is this installation's key.
        used_at: when they last signed in by a code of it.
        recovery_left: how many codes for recovery are unused.
    """

    user: UserId
    salt: bytes = field(repr=False)
    made_at: datetime
    used_at: datetime | None = None
    recovery_left: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody typed beside their password: a code of a half minute, or one for recovery."""

    step: int | None = None
    recovery: bytes | None = None


def secret_of(seal: Seal, user: UserId, salt: bytes) -> str:
    """Return what the app of a person is given, in Base32: 160 bits that only our key makes."""
    made = seal.derived(b"totp", [int(user), salt])[:_SECRET_BYTES]
    return base64.b32encode(made).decode()


def address(secret: str, email: str) -> str:
    """Return what a QR code says to an app: the key, and whose it is where."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_NAME)


def shown(secret: str, user: UserId, text: str, now: datetime) -> Shown | None:
    """Return what a text is: a code of this half minute or its neighbours, or for recovery.

    Whether it was used is for the store to say. None for a text that is neither.
    """
    told = "".join(text.split()).replace("-", "").lower()
    if _RECOVERY.fullmatch(told):
        return Shown(recovery=digest(user, told))
    if _CODE.fullmatch(told) is None:
        return None
    app, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    fit = [step for step in _AROUND if hmac.compare_digest(app.generate_otp(here + step), told)]
    return Shown(step=here + fit[0]) if fit else None


def draw_recovery(entropy: Entropy) -> list[str]:
    """Draw ten codes of 80 bits, each in four groups that can be read aloud."""
    drawn = (
        base64.b32encode(entropy(_RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)
    )
    return ["-".join(one[at : at + _GROUP] for at in range(0, len(one), _GROUP)) for one in drawn]


def digest(user: UserId, code: str) -> bytes:
    """Return what is kept of a code for recovery, which is good for one person."""
    told = code.replace("-", "").encode()
    return hashlib.sha256(_DOMAIN + str(int(user)).encode() + b"\0" + told).digest()
