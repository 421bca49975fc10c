"""What a program finds around it: the server, the organization, and by what it is known."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.client.credential import Bearer, Credential, Pair
from counterfoil.client.errors import CredentialUnusable
from counterfoil.kernel.private import is_private
from counterfoil.kernel.usual import USUAL_URL

_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the environment says."""

    url: str
    credential: Credential | None
    organization: str | None


def surroundings(environment: Mapping[str, str] = os.environ) -> Surroundings:
    """Read COUNTERFOIL_URL, _ORGANIZATION, and the one credential that is there.

    That is COUNTERFOIL_TOKEN, else COUNTERFOIL_TOKEN_FILE; or COUNTERFOIL_CLIENT_ID with
    COUNTERFOIL_CLIENT_SECRET (G12b).

    Raises:
        CredentialUnusable: for a token and a pair, half a pair, or a file as `token_in` says.
    """
    token, file = environment.get("COUNTERFOIL_TOKEN"), environment.get("COUNTERFOIL_TOKEN_FILE")
    client_id = environment.get("COUNTERFOIL_CLIENT_ID")
    secret = environment.get("COUNTERFOIL_CLIENT_SECRET")
    if (token or file) and (client_id or secret):
        message = "the environment holds two kinds of credentials at once"
        raise CredentialUnusable(message)
    if bool(client_id) != bool(secret):
        message = "COUNTERFOIL_CLIENT_ID and COUNTERFOIL_CLIENT_SECRET go together"
        raise CredentialUnusable(message)
    found: Credential | None = None
    if token or file:
        found = Bearer(token.strip() if token else token_in(Path(file or "")))
    elif client_id and secret:
        found = Pair(client_id, secret)
    return Surroundings(
        environment.get("COUNTERFOIL_URL") or USUAL_URL,
        found,
        environment.get("COUNTERFOIL_ORGANIZATION") or None,
    )


def token_in(path: Path) -> str:
    """Return the token in a file that nobody else can read.

    Raises:
        CredentialUnusable: if others can read it too, if it cannot be read, or holds no token.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode) and not is_private(found):
                mode = stat.S_IMODE(found.st_mode)
                message = f"{path} can be read by others ({mode:04o}): chmod 600 {path}"
                raise CredentialUnusable(message)
            return file.read(_MOST_BYTES).decode("ascii").strip()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})"
        raise CredentialUnusable(message) from None
    except UnicodeDecodeError:
        message = f"{path} holds no token"
        raise CredentialUnusable(message) from None
