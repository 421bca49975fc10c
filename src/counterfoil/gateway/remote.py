"""The gate of an office that is on another host: its books, and the threads that talk to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from counterfoil.feed.page import subject_of
from counterfoil.gate.lease import Lease
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.scrub import TURN_S, Scrub
from counterfoil.gateway.books import Books
from counterfoil.gateway.courier import EVERY_S, Courier
from counterfoil.gateway.credential import Credential, CredentialError
from counterfoil.gateway.follower import NO_NEWS, Follower
from counterfoil.gateway.line import REPORT_S, Line
from counterfoil.gateway.news import Bus, Inbox, News, Tally
from counterfoil.gateway.unservable import UnservableError
from counterfoil.gateway.witness import Witness
from counterfoil.kernel.clock import system_ticks
from counterfoil.kernel.entropy import system_entropy
from counterfoil.kernel.usual import USUAL_BALLAST_MB
from counterfoil.runtime.ballast import EVERY_S as ROOM_S
from counterfoil.runtime.ballast import Ballast
from counterfoil.runtime.entrance import EntranceError, entrance
from counterfoil.runtime.places import Places
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.signing import PublicKey
from counterfoil.runtime.variables import SettingError, buses

_PAUSE_S: Final = 0.02
"""So soon another process of this host takes over from one that died."""


class Far(NamedTuple):
    """An office on another host, as a gate is told of it.

    Attributes:
        url: its base URL.
        credential_file: holds what this gate is known by there.
        nats: the bus over which it tells what is new; empty for none.
        nats_credentials: the file by which that is entered; empty if anybody may.
        ballast_mb: megabytes that it keeps on its own disk for revocations; 0 keeps none.
    """

    url: str
    credential_file: str
    nats: str = ""
    nats_credentials: str = ""
    ballast_mb: int = USUAL_BALLAST_MB


def require(places: Places, far: Far) -> None:
    """Return if a gate can ask an office by what it was given.

    Raises:
        UnservableError: if it cannot.
    """
    if not far.credential_file:
        message = "an office on another host asks for a --credential: `counterfoil gates add`"
        raise UnservableError(message)
    if places.is_offices():
        message = (
            f"{places.data_dir} is the data directory of an office, whose own gate would decide by "
            "the lease of this one: give this one another --data-dir, or leave out --office"
        )
        raise UnservableError(message)
    try:
        credential = Credential.read(Path(far.credential_file))
        Line(far.url, credential.secret)
    except (CredentialError, ValueError) as error:
        raise UnservableError(str(error)) from None
    _bus(far, credential.key, Inbox())


def books(places: Places, far: Far, tally: Tally) -> Books:
    """Return what a process of this gate decides by; one of them follows the feed from now on."""
    credential = Credential.read(Path(far.credential_file))
    replica, lease = _roomy(places, far.ballast_mb), Lease(places.gate_lease_file)
    line = Line(far.url, credential.secret)
    inbox = Inbox()
    bus = _bus(far, credential.key, inbox)
    news = NO_NEWS if bus is None else News(replica, bus, inbox, credential.key, tally)
    follower = Follower(replica, lease, line, credential.key, entropy=system_entropy, news=news)
    Repeating("the feed", follower.turns, _PAUSE_S, places.follower_lock, rests=False).start()
    Repeating("the count of the books", Scrub(replica).turn, TURN_S, places.scrub_lock).start()
    return Books(replica, lease, places.follower_lock, lease)


def _roomy(places: Places, megabytes: int) -> Replica:
    """Return the replica of this gate, which finds room for revocations on a full disk (R11)."""
    replica, ballast = Replica(places.replica_dir), Ballast([places.data_dir], megabytes << 20)
    replica.make_room = ballast.drop
    Repeating("the ballast", ballast.turn, ROOM_S, places.ballast_lock).start()
    return replica


def tell(places: Places, far: Far, level: Callable[[float], None]) -> None:
    """Have one process of this gate tell the office what all have decided, from now on.

    `level` hears that the office has all that there was at a tick.
    """
    credential = Credential.read(Path(far.credential_file))
    courier = Courier(
        Shipping(places.decisions_dir),
        Line(far.url, credential.secret, REPORT_S),
        credential.key,
        entropy=system_entropy,
        ticks=system_ticks,
        level=level,
        witness=Witness(places.witness_dir),
    )
    Repeating("the reports", courier.turn, EVERY_S, places.fetcher_lock).start()


def _bus(far: Far, key: PublicKey, inbox: Inbox) -> Bus | None:
    """Return what leaves frames in an inbox, once it is started; None if there is no bus.

    Raises:
        UnservableError: if it cannot be what it is said to be, or what speaks to it is missing.
    """
    if not far.nats:
        return None
    try:
        from counterfoil.runtime.bus import Bus as Nats  # noqa: PLC0415 - fails without nats-py, which the extra nats alone installs
    except ModuleNotFoundError:
        message = "--nats needs the extra nats: pip install 'counterfoil[nats]'"
        raise UnservableError(message) from None
    try:
        return Nats(entrance(buses(far.nats), far.nats_credentials), subject_of(key), inbox.hear)
    except SettingError:
        message = "--nats is tls://host, or several parted by commas; nats://localhost on this one"
        raise UnservableError(message) from None
    except EntranceError as error:
        raise UnservableError(str(error)) from None
