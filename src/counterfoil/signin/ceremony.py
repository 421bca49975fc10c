"""What a browser and an authenticator are asked, and whether what they sign is the answer.

The library is WebAuthn's; what is asked is always the same: a passkey that the authenticator keeps
itself, so that nobody types who they are, and that it uses only after it knew its person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from counterfoil.kernel.errors import Code, CounterfoilError, Refused
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.sentence import sentence

NAME: Final = "Counterfoil"
LONGEST: Final = 64 * 1024
"""How many characters a browser's answer has at most."""

_WAIT_MS: Final = 5 * 60 * 1000
_HANDLE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey counts: at a host's name, in pages of one origin."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an authenticator makes a passkey for, and what it calls them."""

    user: UserId
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that an authenticator has just made."""

    credential: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer says of itself before anything of it is proved.

    Attributes:
        challenge: what it says to have signed.
        credential: which passkey it says to be of.
        user: whose it says that is; None where it does not say.
    """

    challenge: bytes
    credential: bytes
    user: UserId | None


def refused(why: str) -> Refused:
    """The answer to a passkey that opens nothing."""
    return Refused(
        Code.PASSKEY_REFUSED, sentence("The passkey lets nobody in: %(why)s.", why=sentence(why))
    )


def ask_for_new(site: Site, whose: Person, challenge: bytes, held: Sequence[bytes]) -> bytes:
    """Return what `navigator.credentials.create` is asked, as JSON.

    `held` are the person's passkeys: an authenticator that has one of them makes no other.
    """
    from webauthn import generate_registration_options, options_to_json  # noqa: PLC0415 - heavy
    from webauthn.helpers.structs import (  # noqa: PLC0415 - heavy
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_id=whose.user.to_bytes(_HANDLE_BYTES, "big"),
        user_name=whose.email,
        user_display_name=whose.name,
        challenge=challenge,
        timeout=_WAIT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in held],
    )
    return options_to_json(options).encode()


def ask_for_one(site: Site, challenge: bytes, allowed: Sequence[bytes]) -> bytes:
    """Return what `navigator.credentials.get` is asked, as JSON.

    `allowed` are the only passkeys that will do; with none it is for the person to choose.
    """
    from webauthn import generate_authentication_options, options_to_json  # noqa: PLC0415 - heavy
    from webauthn.helpers.structs import (  # noqa: PLC0415 - heavy
        PublicKeyCredentialDescriptor,
        UserVerificationRequirement,
    )

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=_WAIT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options).encode()


def read(answer: str) -> Shown:
    """Return what an answer says of itself.

    Raises:
        Refused: PASSKEY_REFUSED for what is no answer.
    """
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json  # noqa: PLC0415 - heavy

    if len(answer) > LONGEST:
        raise refused("what was sent is no answer of a browser")
    with _hostile():
        told = json.loads(answer)
        response = told["response"]
        data = parse_client_data_json(base64url_to_bytes(response["clientDataJSON"]))
        handle = response.get("userHandle")
        user = int.from_bytes(base64url_to_bytes(handle)[:_HANDLE_BYTES], "big") if handle else None
        credential = base64url_to_bytes(told["rawId"])
        return Shown(data.challenge, credential, None if user is None else UserId(user))


def made(site: Site, answer: str, challenge: bytes) -> Made:
    """Return the passkey that was made for this challenge, at this site, by its person.

    Raises:
        Refused: PASSKEY_REFUSED.
    """
    from webauthn import verify_registration_response  # noqa: PLC0415 - heavy

    with _hostile():
        done = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        return Made(done.credential_id, done.credential_public_key, done.sign_count)


def prove(site: Site, answer: str, challenge: bytes, public_key: bytes, sign_count: int) -> int:
    """Return how often the passkey has signed by now, if it signed this challenge, at this site.

    Raises:
        Refused: PASSKEY_REFUSED, also for one that has signed less often than it had before: there
            is a copy of it.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415 - heavy

    with _hostile():
        done = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
        return done.new_sign_count


@contextmanager
def _hostile() -> Iterator[None]:
    """Turn whatever the parsers make of a stranger's bytes into a refusal."""
    try:
        yield
    except CounterfoilError:
        raise
    except Exception as error:  # CBOR, keys and certificates fail in many ways
        raise refused("it does not answer what was asked here") from error
