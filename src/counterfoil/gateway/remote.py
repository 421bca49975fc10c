"""The gate of an office that is on another host: its books, and the thread that keeps them up."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from counterfoil.gate.lease import Lease
from counterfoil.gate.replica import Replica
from counterfoil.gateway.books import Books
from counterfoil.gateway.credential import Credential, CredentialError
from counterfoil.gateway.follower import Follower
from counterfoil.gateway.line import Line
from counterfoil.gateway.unservable import UnservableError
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime import logging
from counterfoil.runtime.places import Places
from counterfoil.runtime.repeating import Repeating

_PAUSE_S: Final = 0.02
"""So soon another process of this host takes over from one that died."""


def require(office: str, credential_file: str) -> None:
    """Return if a gate can ask an office by what it was given.

    Raises:
        UnservableError: if it cannot.
    """
    if not credential_file:
        message = "an office on another host asks for a --credential: `counterfoil gates add`"
        raise UnservableError(message)
    try:
        Line(office, Credential.read(Path(credential_file)).secret)
    except (CredentialError, ValueError) as error:
        raise UnservableError(str(error)) from None


def books(places: Places, office: str, credential_file: str) -> Books:
    """Return what a process of this gate decides by; one of them follows the feed from now on."""
    logging.configure("info")
    credential = Credential.read(Path(credential_file))
    replica, lease = Replica(places.replica_dir), Lease(places.gate_lease_file)
    line = Line(office, credential.secret)
    follower = Follower(replica, lease, line, credential.key, entropy=system_entropy)
    Repeating("the feed", follower.turns, _PAUSE_S, places.follower_lock).start()
    return Books(replica, lease, places.follower_lock, lease)
