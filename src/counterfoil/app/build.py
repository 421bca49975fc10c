"""Putting it together: from settings to something that answers requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias

import structlog

from counterfoil import gates, tokens, web
from counterfoil.app import health, keys, newcomer, scraping, sealing
from counterfoil.app.anew import anew
from counterfoil.app.background import background, journaling
from counterfoil.app.beside import beside
from counterfoil.app.by_hand import office_of
from counterfoil.app.counting import Counting, counting
from counterfoil.app.effective import follow_all
from counterfoil.app.elsewhere import Elsewhere
from counterfoil.app.fit import fit, prefix
from counterfoil.app.gate import gate_before
from counterfoil.app.leased import prepare, verifier_of
from counterfoil.app.limits import Ledger
from counterfoil.app.metering import Metering
from counterfoil.app.older import shut_if_older
from counterfoil.app.records import records
from counterfoil.app.routes import ROUTES
from counterfoil.app.rules import RulesOf, rules_from
from counterfoil.app.serving import serving_office
from counterfoil.app.telling import talking
from counterfoil.audit.journal import EVERY_S as JOURNAL_S
from counterfoil.audit.journal import Journal, Strict, always
from counterfoil.audit.refusals import EVERY_S as REFUSALS_S
from counterfoil.audit.refusals import Refusals
from counterfoil.feed.follow import Outbox
from counterfoil.feed.outbox import read_head
from counterfoil.feed.revocations import Revocations
from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.record.usage import Usage
from counterfoil.gate.replica import Replica
from counterfoil.gate.source import Sources
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.hatch import Hatch
from counterfoil.jsonapi.incoming import Room
from counterfoil.jsonapi.place import Placed
from counterfoil.jsonapi.route import Route, spoken_in
from counterfoil.jsonapi.shelf import Shelf
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.headway import Stage, Tell, nobody, told
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS
from counterfoil.runtime import logging
from counterfoil.runtime.database import Database
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import Settings
from counterfoil.signin import heed
from counterfoil.signin.guesses import Guesses

log = structlog.get_logger(__name__)

Writers: TypeAlias = tuple[Repeating, ...]

_BESIDE: Final = 5
"""So many connections more than those who are answered and wait: for what goes on beside."""


@dataclass(frozen=True, slots=True)
class App:
    """An installation, open in this process."""

    settings: Settings
    database: Database
    office: Office
    replica: Replica
    verifier: Verifier
    wsgi: Guard
    journal: Journal
    refusals: Refusals
    guesses: Guesses
    tally: tokens.Tally
    loops: tuple[Repeating, ...]
    ledger: Ledger
    room: Room
    revocations: Revocations
    metering: Metering
    elsewhere: Elsewhere

    def start(self) -> None:
        """Begin what goes on in the background; after the fork."""
        for loop in self.loops:
            loop.start()

    def close(self) -> None:
        """Write what waits and give everything back."""
        with ExitStack() as closing:  # each is closed whatever becomes of the others
            if isinstance(self.office.clock, HostClock):
                closing.callback(self.office.clock.close)
            closing.callback(logging.requests.flush)
            closing.callback(self.database.close)
            closing.callback(self.ledger.close)
            closing.callback(self.metering.close)
            closing.callback(self.elsewhere.close)
            closing.callback(self.revocations.close)
            closing.callback(self.replica.close)
            closing.callback(self.journal.flush)
            closing.callback(self.refusals.flush)
            closing.callback(self.guesses.flush)
            closing.callback(self.tally.flush)
            for loop in self.loops:
                closing.callback(loop.stop)
            for loop in self.loops:
                loop.halt()
            closing.callback(self.journal.flush)  # first, as a turn may take long


def build(settings: Settings, clock: Clock | None = None, entropy: Entropy = system_entropy) -> App:
    """Open an installation in this process. The clock is that of the host, if none is given.

    Raises:
        UnreadyError, SettingError: if program, settings and database do not fit together.
    """
    metered, clock = scraping.secret_of(settings), clock or _clock(settings)
    settings, database, replica, books, revocations = _opened(settings, clock, entropy)
    verifier = verifier_of(settings, database, replica, books, clock)
    journal = Journal(database, strict=_strict_by(settings, rules := rules_from(verifier)))
    metering = Metering(settings, database, replica, clock)
    effected = partial(follow_all, replica, revocations, books)
    elsewhere = Elsewhere(settings, database, replica, books, effected, timer=metering, clock=clock)
    verify = anew(verifier, replica, books)
    serving = partial(serving_office, settings, database, journal, elsewhere)
    office = serving(verify=verify, clock=clock, entropy=entropy)
    heed(office_of(database, settings, clock, entropy), office.providers.each())
    replica.catch_up(books)
    refusals, ledger = Refusals(database, clock), Ledger(settings.limits_file, rules, clock)
    guesses = Guesses(office)
    tally, counts, count = _usage(settings, database, clock, metering)
    writers, (room, shelf) = _writers(journal, refusals, revocations, books), _room(settings)
    talks = talking(settings, office, replica, books, elsewhere)
    scraped = scraping.routes(metered, metering)
    asked = gates.routes(*talks)
    routes = _routes(office, replica, effected, writers, (*asked, *scraped))
    hatch = Hatch(verifier, desk := Desk(office, ledger.count, room, shelf, routes), shelf)
    wicket = gates.Wicket(talks[0], asked[0], room, office.prefix, desk.always)
    inner = router(routes, desk, OPERATIONS, web.UNKNOWN)
    gate = Placed(gate_before(inner, office, verifier, replica, books), routes)
    front = partial(Guard, gate, entropy, refusals.count, spoken_in(routes), _sources(settings))
    others = background(settings, office, elsewhere, verify, told=metering.delivered)
    return App(
        settings,
        database,
        office,
        replica,
        verifier,
        front(count=count, ready=lambda environ: wicket(environ) or hatch(environ)),
        journal,
        refusals,
        guesses,
        tally,
        (*beside(office, guesses), *writers, counts, elsewhere.loop, *metering.loops, *others),
        ledger,
        room,
        revocations,
        metering,
        elsewhere,
    )


def _sources(settings: Settings) -> Sources:
    """Return what tells where a request came from, behind the operator's proxies."""
    return Sources(settings.trusted_proxies, settings.proxy_header)


def _usage(
    settings: Settings, database: Database, clock: Clock, metering: Metering
) -> tuple[tokens.Tally, Repeating, Counting]:
    """Return what counts the uses of tokens, and what takes the counts to the books.

    That is for convenience: a host that cannot write them is ready all the same.
    """
    usage = Usage(clock)
    tally = tokens.Tally(database, usage)
    loop = Repeating("the counts of uses", tally.flush, tokens.TALLY_S)
    count = counting(usage, ROUTES, OPERATIONS, settings.prefix, metering.verified)
    return tally, loop, count


def _clock(settings: Settings) -> HostClock:
    settings.prepare()
    return HostClock(settings.clock_file)


def _room(settings: Settings) -> tuple[Room, Shelf]:
    return Room(settings.threads), Shelf(settings.ready_mb << 20)


def _routes(
    office: Office,
    replica: Replica,
    follow: Callable[[int], int],
    writers: Writers,
    more: Sequence[Route],
) -> tuple[Route, ...]:
    others = (*ROUTES, *more)
    return (*others, *health.routes(office, replica, follow, writers, others))


def _writers(
    journal: Journal, refusals: Refusals, revocations: Revocations, books: Outbox
) -> Writers:
    """Return what puts on record what this process has seen."""
    return (
        Repeating("the audit journal", journal.flush, JOURNAL_S),
        Repeating("the counts of refusals", refusals.flush, REFUSALS_S),
        journaling(revocations, books),
    )


def _opened(
    settings: Settings, clock: Clock, entropy: Entropy
) -> tuple[Settings, Database, Replica, Outbox, Revocations]:
    """Open the database, which says what the settings leave open, and the books of the gate.

    These are brought as far as the office's.
    """
    settings.prepare()
    lines = settings.threads + settings.waiting + _BESIDE
    known = newcomer.admitted(settings, sealing.opened(settings, lines, entropy))
    database = keys.signed(settings, known, entropy)
    settings = replace(settings, prefix=prefix(database, settings.prefix))
    replica, books = Replica(settings.replica_dir, entropy=entropy), Outbox(database, records)
    revocations = Revocations(settings.revocations_dir, clock)
    shut_if_older(settings, database, replica, revocations, entropy)
    if replica.ensure(books):
        log.info("replica rebuilt", position=replica.position())
    replica.catch_up(books)
    prepare(settings, database)
    replica.call(settings.prefix, settings.base_url)
    revocations.catch_up(books)
    return settings, database, replica, books, revocations


def rebuild(settings: Settings, tell: Tell = nobody, *, dry_run: bool = False) -> int:
    """Build the replica of this host anew from the database; return the position it stands at.

    A dry run says where it would stand, if the database is fit for it.
    """
    if dry_run:
        database = fit(Database(settings.url, pool_size=1))
        try:
            with database.reading() as tx:
                return read_head(tx).position
        finally:
            database.close()
    database = newcomer.admitted(settings, sealing.opened(settings))
    replica, journal = Replica(settings.replica_dir), Revocations(settings.revocations_dir)
    try:
        shut_if_older(settings, database, replica, journal, system_entropy)  # while it is known
        replica.rebuild(Outbox(database, lambda tx: told(records(tx), tell, Stage("Building"))))
        return replica.position()
    finally:
        journal.close()
        replica.close()
        database.close()


def _strict_by(settings: Settings, rules: RulesOf) -> Strict:
    if settings.audit_strict:
        return always
    return lambda organization: rules(organization).audit_strict
