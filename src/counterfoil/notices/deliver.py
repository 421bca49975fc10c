"""Delivering: a job takes what is due, writes it, and hands it over. No request waits for it.

Every letter is sent at least once (`store.due`). While the mail server is away, letters wait and
nothing else does: each is tried again after a minute, then two, up to an hour, until it is old.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

import structlog

from counterfoil import directory
from counterfoil.kernel.errors import NotFound
from counterfoil.notices.letter import Reader, Stationery, digest, letter
from counterfoil.notices.model import DIGEST_EVERY, Kind, Notice
from counterfoil.notices.post import Post, UndeliverableError
from counterfoil.notices.said import Tongue
from counterfoil.notices.store import due, rows
from counterfoil.office import Office
from counterfoil.runtime.witness import NOBODY

LEASE: Final = timedelta(minutes=5)
"""For so long a letter is one process's: longer than any mail server is waited for."""

STALE: Final = timedelta(days=3)
"""A letter that could not be sent for so long is not sent any more: it stands in the page."""

_AT_ONCE: Final = 100
_SOONEST: Final = timedelta(minutes=1)
_LATEST: Final = timedelta(hours=1)
_DOUBLED: Final = 6

log = structlog.get_logger(__name__)


class Delivery:
    """Takes the letters of an installation to the post.

    Args:
        office: whose notices they are.
        post: hands a letter over.
        paper: what all letters have in common.
        tongue_of: returns a language by its code, and one to begin with for None.
    """

    def __init__(
        self,
        office: Office,
        post: Post,
        paper: Stationery,
        tongue_of: Callable[[str | None], Tongue],
    ) -> None:
        self._office = office
        self._post = post
        self._paper = paper
        self._tongue_of = tongue_of

    def turn(self) -> int:
        """Send what is due, up to a hundred letters; return how many were handed over.

        Raises:
            OSError: if the mail server is away; what was due is due again later.
        """
        with self._office.database.reading() as tx:
            if not due.is_any(tx, self._office.clock()):
                return 0
        sent = 0
        for _ in range(_AT_ONCE):
            with self._office.database.transaction(NOBODY) as tx:
                one = due.take(tx, self._office.clock(), LEASE)
            if one is None:
                break
            try:
                sent += self._send(one)
            except OSError:  # every SMTPException is one
                self._wait(one)
                raise
        return sent

    def _send(self, one: Notice) -> bool:
        """Send one letter, if there is anything to say and somebody to say it to."""
        now = self._office.clock()
        try:
            message = self._written(one, now)
            if message is not None:
                self._post(message)
        except (UndeliverableError, ValueError) as error:
            log.warning("a letter cannot be delivered", error=type(error).__name__)
            message = None
        with self._office.database.transaction(NOBODY) as tx:
            if message is None:
                due.put_off(tx, one, None)
            else:
                again_at = now + DIGEST_EVERY if one.kind is Kind.DIGEST else None
                due.sent(tx, one, now, again_at)
        return message is not None

    def _wait(self, one: Notice) -> None:
        pause = min(_LATEST, _SOONEST * 2 ** min(one.mail_tries, _DOUBLED))
        with self._office.database.transaction(NOBODY) as tx:
            due.put_off(tx, one, self._office.clock() + pause)

    def _written(self, one: Notice, now: datetime) -> EmailMessage | None:
        """Write a letter; None if it is too old, needless by now, or to nobody."""
        with self._office.database.reading() as tx:
            try:
                user = directory.user(tx, one.user)
                member = directory.member(tx, one.organization, one.user)
            except NotFound:
                return None
            if not member.active or not user.email:
                return None
            here = directory.organization(tx, one.organization)
            tongue = self._tongue_of(directory.language(tx, one.user))
            reader = Reader(user.name, user.email, here.name, tongue)
            if one.kind is not Kind.DIGEST:
                stale = now - one.created_at > STALE
                return None if stale else letter(one, reader, self._paper, now)
            waiting = due.waiting(tx, one.organization, one.user)
            quiet = Kind.DIGEST in rows.silenced_kinds(tx, one.organization, one.user)
            if quiet or not waiting or one.user not in directory.approvers(tx, one.organization):
                return None
            return digest(waiting, reader, self._paper, now)
