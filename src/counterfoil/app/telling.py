"""What an office tells gates on other hosts, each and all over a bus; and what they tell it."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

from counterfoil import tokens
from counterfoil.app import keys
from counterfoil.app.elsewhere import Elsewhere
from counterfoil.app.fit import UnreadyError
from counterfoil.app.known import take_note_told
from counterfoil.app.older import shut_as_lost
from counterfoil.feed.page import subject_of
from counterfoil.feed.source import Source
from counterfoil.gate.replica import Replica
from counterfoil.gates import Announcer, Called, Hander, Receiver, Teller, Waking
from counterfoil.kernel.clock import Clock, micros
from counterfoil.kernel.entropy import Entropy
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from counterfoil.runtime.entrance import Entrance, EntranceError, entrance
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import PREFIX, SettingError, Settings

_PAUSE_S = 0.02
"""So soon another process of this host takes over from one that died."""


def talking(
    settings: Settings, office: Office, replica: Replica, books: Source, elsewhere: Elsewhere
) -> tuple[Teller, Hander, Receiver]:
    """Return all three; so many threads may wait there for news to come, and no more.

    Raises:
        UnreadyError: if the other hosts sign the feed under a key that is not here.
    """
    database, clock, entropy = office.database, office.clock, office.entropy
    signer = keys.feed_signer(settings, database, entropy)
    teller = Teller(
        database,
        elsewhere.leases,
        books,
        signer,
        waking=Waking(
            replica.position, replica.place, elsewhere.news, elsewhere.heard, settings.waiting
        ),
        clock=clock,
        called=_called(settings),
        lost=partial(shut_as_lost, settings, database, replica, entropy, began=micros(clock())),
    )
    receiver = Receiver(
        database,
        signer,
        clock,
        vouch=tokens.vouched,
        count=tokens.take_counts_told,
        expose=partial(take_note_told, office),
    )
    hander = Hander(database, replica, signer, settings.handing_dir, entropy=entropy)
    return teller, hander, receiver


def announcing(
    settings: Settings, database: Database, replica: Replica, *, clock: Clock, entropy: Entropy
) -> tuple[Repeating, ...]:
    """Return what tells all gates what is new, if there is a bus; one process of a host does.

    Raises:
        UnreadyError, SettingError: as `entered` does.
    """
    where = entered(settings)
    if where is None:
        return ()
    from counterfoil.runtime.bus import Bus  # noqa: PLC0415 - needs nats-py, which the extra nats alone installs

    signer = keys.feed_signer(settings, database, entropy)
    bus = Bus(where, subject_of(signer.public), keeps=True)
    announcer = Announcer(database, replica.position, signer, clock, bus, called=_called(settings))
    return (Repeating("the news", announcer.turns, _PAUSE_S, settings.announcer_lock),)


def entered(settings: Settings) -> Entrance | None:
    """Return how the bus is entered; None if there is none.

    Raises:
        UnreadyError: if what speaks to it is not installed.
        SettingError: if what it is entered by cannot be read.
    """
    if not settings.nats:
        return None
    if find_spec("nats") is None:
        raise UnreadyError("NATS needs the extra nats: pip install 'counterfoil[nats]'")
    try:
        return entrance(settings.nats, settings.nats_credentials)
    except EntranceError as error:
        raise SettingError(f"{PREFIX}NATS_CREDENTIALS: {error}") from None


def _called(settings: Settings) -> Called:
    return Called(settings.prefix, settings.base_url)
