"""What goes on in a server without anybody asking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError

from counterfoil import content, directory, gates, notices, tokens, webhooks
from counterfoil.app.elsewhere import Elsewhere
from counterfoil.app.known import take_note_told
from counterfoil.app.room import keeping
from counterfoil.app.telling import announcing
from counterfoil.audit import checkpoint, witness
from counterfoil.audit.checkpoint import EVERY_S
from counterfoil.audit.fetch import EVERY_S as FETCH_S
from counterfoil.audit.fetch import Fetching
from counterfoil.audit.refusals import sweep as forget_refusals
from counterfoil.audit.telling import EVERY_S as TELLING_S
from counterfoil.audit.telling import Teller
from counterfoil.feed.revocations import Revocations
from counterfoil.feed.source import Source
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.scrub import TURN_S, Scrub
from counterfoil.jsonapi import idempotency
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.notices.deliver import Delivery
from counterfoil.notices.letter import Stationery
from counterfoil.notices.post import post_to
from counterfoil.office import Office, Verify
from counterfoil.runtime.outward import Outward
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.syslog import Line
from counterfoil.runtime.witness import NOBODY
from counterfoil.web.views.tongue import tongue
from counterfoil.webhooks.deliver import Delivery as Telling
from counterfoil.webhooks.model import State

DUE_S: Final = 1.0
"""How often to look for entries whose time has come."""

SWEEP_S: Final = 30.0

JOURNAL_S: Final = 2.0
"""How often the journal of revocations says that it is up to date."""

MAIL_S: Final = 1.0
"""How often to look for mail that is due."""

WEBHOOKS_S: Final = 1.0
"""How often to look for what webhooks are to be told."""

log = structlog.get_logger(__name__)


def background(
    settings: Settings,
    office: Office,
    elsewhere: Elsewhere,
    verify: Verify,
    *,
    told: Callable[[State], None],
) -> tuple[Repeating, ...]:
    """Return what one process of a host does for all of them.

    `told` hears what became of each try to tell a webhook.
    """
    replica, database = elsewhere.replica, office.database
    awake = partial(_unless_quarantined, replica)
    carry_out = partial(content.carry_out, office, tokens.StandIn(verify))
    known = elsewhere.remembered
    rounds = (directory.Rounds(office, known).turn, tokens.Rounds(office, known).turn)
    tidy = partial(_tidy, office, elsewhere, rounds)
    telling = Telling(office, Outward(settings.webhook_networks), told)
    return (
        keeping(settings, database, replica),
        *_mailing(settings, office, awake),
        *_telling(settings, office),
        *announcing(settings, database, replica, clock=office.clock, entropy=office.entropy),
        Repeating("the webhooks", awake(telling.turn), WEBHOOKS_S, settings.webhooks_lock),
        Repeating("the feed", elsewhere.follow, elsewhere.every_s, settings.follower_lock),
        _fetching(settings, office),
        _scrubbing(settings, office, elsewhere),
        Repeating("the signing", partial(_sign, settings, office), EVERY_S, settings.auditor_lock),
        Repeating("the sweep", awake(tidy), SWEEP_S, settings.sweeper_lock),
        Repeating(
            "the schedule", awake(partial(_due, office, carry_out)), DUE_S, settings.scheduler_lock
        ),
    )


def _fetching(settings: Settings, office: Office) -> Repeating:
    """Return what takes into the books what the gateway of this host has decided."""
    shipping = Shipping(settings.decisions_dir)
    note = partial(take_note_told, office, by="")
    turn = Fetching(
        office.database, shipping, office.clock, count=tokens.take_counts, expose=note
    ).turn
    return Repeating("the decisions of gates", turn, FETCH_S, settings.fetcher_lock)


def _scrubbing(settings: Settings, office: Office, elsewhere: Elsewhere) -> Repeating:
    """Return what counts the books of this host, and builds them anew where they are wrong."""

    def is_urgent() -> bool:
        with office.database.reading() as tx:
            return any(one.differs == gates.BOOKS for one in gates.gates_in(tx))

    scrub = Scrub(elsewhere.replica, elsewhere.rebuild, is_urgent)
    return Repeating("the count of the books", scrub.turn, TURN_S, settings.scrub_lock)


def journaling(journal: Revocations, books: Source) -> Repeating:
    """Return what writes down what other hosts have revoked, and up to when that is."""

    def turn() -> None:
        journal.catch_up(books)
        journal.mark()

    return Repeating("the journal of revocations", turn, JOURNAL_S)


def _unless_quarantined(replica: Replica, act: Callable[[], object]) -> Callable[[], None]:
    """Return what does nothing while nobody knows who of the books may still do anything."""

    def turn() -> None:
        if not replica.is_quarantined():
            act()

    return turn


def _sign(settings: Settings, office: Office) -> None:
    """Sign the audit trail as it is, and see that it goes on from what this host saw before."""
    checkpoint.keep(office.database, office.signer, office.clock)
    with office.database.reading() as tx:
        witness.look(settings.audit_seen_file, tx, office.signer.public)


def _due(office: Office, carry_out: Callable[[], int]) -> None:
    """Do what is due, and then some of what may wait."""
    carry_out()
    content.wipe_doomed(office)


def _mailing(
    settings: Settings,
    office: Office,
    awake: Callable[[Callable[[], object]], Callable[[], None]],
) -> tuple[Repeating, ...]:
    """Return what sends notices by mail, if they are sent at all."""
    if not settings.mail:
        return ()
    base = settings.base_url or f"http://localhost:{settings.port}"
    paper = Stationery(base, settings.sender)
    delivery = Delivery(office, post_to(settings.mail, sys.stdout), paper, tongue)
    return (Repeating("the mail", awake(delivery.turn), MAIL_S, settings.mailer_lock),)


def _telling(settings: Settings, office: Office) -> tuple[Repeating, ...]:
    """Return what sends the trail to a syslog server, if there is one."""
    if not settings.syslog:
        return ()
    host = urlsplit(settings.base_url).hostname or ""
    send = Line(settings.syslog).send
    teller = Teller(office.database, send, settings.audit_told_file, host)
    return (Repeating("the syslog", teller.turn, TELLING_S, settings.teller_lock),)


def _tidy(office: Office, elsewhere: Elsewhere, rounds: Iterable[Callable[[], object]]) -> None:
    if died := elsewhere.replica.reap():
        log.info("readers that died gave their places back", count=died)
    with office.database.transaction(NOBODY) as tx:  # first, as what is swept hangs on it
        gates.keep_heard(tx, elsewhere.leases.told_of(gates.gates_in(tx)))
    sweep(office, rounds)


def sweep(office: Office, rounds: Iterable[Callable[[], object]]) -> None:
    """Do what time has made due; what fails is tried again, and keeps no other from its turn.

    `rounds` go through what is sealed, some at a turn.
    """
    steps: tuple[Callable[[], object], ...] = (
        partial(tokens.sweep, office),
        partial(office.files.sweep, office.clock()),
        partial(content.sweep_files, office),
        partial(idempotency.sweep, office.database, office.clock()),
        partial(forget_refusals, office.database, office.clock()),
        partial(tokens.watch, office),
        *rounds,
        partial(tokens.forget_usage, office.database, office.clock()),
        partial(notices.forget, office),
        partial(webhooks.forget, office),
    )
    for step in steps:
        try:
            step()
        except (CounterfoilError, SQLAlchemyError, OSError) as error:
            log.warning("sweep failed, will retry", error=type(error).__name__)
        except Exception:  # a row that says nothing sensible is to keep no other from its turn
            log.exception("sweep failed, will retry")
