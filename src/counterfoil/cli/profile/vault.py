"""The system's keyring: where a credential lies if there is one, under the name of its profile.

macOS's Keychain, Windows's Credential Locker, Secret Service and KWallet, by the library `keyring`.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.profile.model import Profile
from counterfoil.client import SessionTokens

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE: Final = "counterfoil"
_FIX: Final = "Unlock it, or sign in again and keep it in a file: `counterfoil auth login --file`."


def name() -> str:
    """Return what the system's keyring is called; nothing if there is none that keeps secrets."""
    found = _keyring()
    return "" if found is None else str(found.name)


def _keyring() -> KeyringBackend | None:
    """Return the system's keyring, if there is one that keeps secrets.

    One that only hides them, such as a plain file of another library, is none unless somebody chose
    it by `PYTHON_KEYRING_BACKEND`. Where there are several, the library asks one after the other,
    and would store in a plain file what the first does not take: so it is the first itself.
    """
    import keyring
    from keyring.backends import chainer, fail, null
    from keyring.core import recommended

    found: KeyringBackend | None = keyring.get_keyring()
    if isinstance(found, chainer.ChainerBackend):
        found = next(iter(found.backends), None)
    if found is None or isinstance(found, fail.Keyring | null.Keyring):
        return None
    trusted = bool(os.environ.get("PYTHON_KEYRING_BACKEND")) or recommended(found)
    return found if trusted else None


def keep(account: str, profile: Profile) -> bool:
    """Put a profile's credential into the keyring; say whether it lies there now."""
    from keyring.errors import KeyringError

    held: dict[str, Any] = {"pat_token": profile.pat_token}
    if profile.session is not None:
        held = {"session": asdict(profile.session)}
    found = _keyring()
    if found is None:
        return False
    try:
        found.set_password(_SERVICE, account, json.dumps(held))
    except KeyringError:
        return False
    return True


def fetch(account: str, profile: Profile) -> Profile:
    """Return the profile with the credential that lies in the keyring.

    Raises:
        Stop: exit 3 if the keyring cannot be read, or has lost it.
    """
    from keyring.errors import KeyringError

    found = _keyring()
    try:
        held = json.loads((found and found.get_password(_SERVICE, account)) or "{}")
    except KeyringError as error:
        raise Stop(Exit.CONFIG, f"The keyring cannot be read ({error})", _FIX) from None
    except ValueError:
        held = {}
    match held:
        case {"pat_token": str(token)}:
            return replace(profile, pat_token=token)
        case {"session": {"access": str(a), "refresh": str(r), "good_until": int() | float() as t}}:
            return replace(profile, session=SessionTokens(a, r, t))
    raise Stop(Exit.CONFIG, "The keyring holds no credential for this profile", _FIX)


def forget(account: str) -> None:
    """Take a credential out of the keyring, if it is there."""
    from keyring.errors import KeyringError

    found = _keyring()
    if found is not None:
        with suppress(KeyringError):
            found.delete_password(_SERVICE, account)
