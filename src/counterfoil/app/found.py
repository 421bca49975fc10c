"""Founding: an empty installation gets its first organization, and the person who administers it.

Nobody else can begin one: there is no default account, and no request makes an organization (S54).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, inspect

from counterfoil import directory
from counterfoil.app import sealing
from counterfoil.app.by_hand import MACHINE, begin, office_of
from counterfoil.app.fit import bring_up, durable
from counterfoil.directory import Founded
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.clock import Clock, system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.ids import OrganizationId, new_id
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from counterfoil.signin import digest_password, set_password


class OccupiedError(Exception):
    """There is something already, and it is left as it is; the message says what."""


@dataclass(frozen=True, slots=True)
class First:
    """What an installation begins with: an organization, its policy, and its admin."""

    organization: str
    email: str
    name: str
    password: str = field(repr=False)
    preset: str = "default"


def find_empty(settings: Settings) -> None:
    """Return if nothing was ever founded here; a database without organizations is empty.

    Raises:
        OccupiedError: naming what is in the way: an organization, or things that are not ours.
        UnreadyError: if the database may lose what it has committed.
    """
    if strangers := settings.strangers(settings.files_dir, settings.revocations_dir):
        message = f"{settings.data_dir} holds {strangers[0].name}, which is not of an installation"
        raise OccupiedError(message)
    if not settings.database_url and not settings.office_file.exists():
        return
    database = durable(Database(settings.url, pool_size=1))
    try:
        with database.reading() as tx:
            _see_that_it_is_empty(tx)
    finally:
        database.close()


def found(
    settings: Settings,
    first: First,
    clock: Clock = system_clock,
    entropy: Entropy = system_entropy,
) -> Founded:
    """Found the first organization at one stroke; a server that runs already hears of it.

    Raises:
        OccupiedError: if there is one, be it since a moment.
        UnreadyError: if the database is a newer program's, or may lose what it has committed.
        Invalid: for a name, an e-mail address, a preset or a password that is none.
    """
    digested = digest_password(first.password, entropy)
    find_empty(settings)
    settings.prepare()
    bring_up(settings.url)
    try:
        database = sealing.opened(settings, entropy=entropy)
    except sealing.ElsewhereError as error:  # of two who begin at once, the other was first
        raise OccupiedError(str(error)) from None
    try:
        office = office_of(database, settings, clock, entropy)
        caller = directory.operator(OrganizationId(new_id(entropy)))
        with office.work(caller, MACHINE) as work:
            work.head(hold=True)  # of two who found at once, the second finds the first
            _see_that_it_is_empty(work.tx)
            newcomer = Newcomer(first.name, first.email)
            founded = begin(work, first.organization, first.preset, newcomer)
            set_password(work, founded.admin.user.id, digested)
        return founded
    finally:
        database.close()


def _see_that_it_is_empty(tx: Connection) -> None:
    tables = inspect(tx).get_table_names()
    if not tables:
        return
    if "organization" not in tables:
        message = f"the database holds the table {tables[0]}, which is not of an installation"
        raise OccupiedError(message)
    if names := directory.organization_names(tx):
        message = f"there is the organization {names[0]} already"
        raise OccupiedError(message)
