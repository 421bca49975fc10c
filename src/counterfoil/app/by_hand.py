"""What the operator does at the machine, beside a server or without one.

What they are told is done holds by then, on this host and at its gates, be there a server or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Final, NoReturn

from counterfoil import directory, signin, tokens
from counterfoil.access.caller import Caller, Origin
from counterfoil.access.role import Role
from counterfoil.app import sealing
from counterfoil.app.at_once import AtOnce
from counterfoil.app.fit import UnreadyError, nothing_in, prefix
from counterfoil.audit.journal import Journal
from counterfoil.directory import Founded, User
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.define_role import restore_role as restore
from counterfoil.directory.edit_policy import lift_provider as lift
from counterfoil.directory.found import create_organization
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.receipts import NO_GATES
from counterfoil.gate.hostclock import HostClock
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, RoleId, new_id, spell
from counterfoil.office import Office, at_their_word
from counterfoil.operation import Work
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from counterfoil.signin import Invited

MACHINE: Final = Origin("operator")


@dataclass(frozen=True, slots=True)
class Created:
    """A new organization, and the code for its admin if they have nothing yet to sign in with."""

    founded: Founded
    invited: Invited | None


def office_of(
    database: Database,
    settings: Settings,
    clock: Clock,
    entropy: Entropy,
    at_once: AtOnce | None = None,
) -> Office:
    """Return an office of which whatever it commits holds at once; without that, it tells no gate.

    Raises:
        UnreadyError: if its tokens begin otherwise than the settings say.
    """
    return Office(
        database,
        Journal(database),
        clock,
        entropy,
        committed=_nobody if at_once is None else at_once.committed,
        verify=at_their_word,
        vocabulary_of=directory.vocabulary,
        lock_life_of=directory.lock_life,
        prefix=prefix(database, settings.prefix),
        address=settings.base_url,
        receipts=NO_GATES if at_once is None else at_once.receipts,
    )


def _nobody(position: int) -> None:
    """Tell nobody: whoever follows does so for itself."""
    del position


def begin(work: Work, name: str, preset: str, admin: Newcomer) -> Founded:
    """Found an organization whole: all that the directory makes of it, and its built-in token."""
    founded = create_organization(work, name, preset, admin)
    tokens.seed_built_in(work, founded.organization.id)
    return founded


def create(
    settings: Settings, name: str, preset: str, admin: Newcomer, *, dry_run: bool = False
) -> Created:
    """Found one more organization; its admin may be somebody whom another one knows.

    A dry run does all of it, and then none: what is returned was never there.

    Raises:
        UnreadyError: if there is no installation.
        Invalid: for a name, an e-mail address or a preset that is none.
    """
    with opened(settings) as office:
        caller = directory.operator(OrganizationId(new_id(office.entropy)))
        with working(office, caller, dry_run=dry_run) as work:
            founded = begin(work, name, preset, admin)
            awaited = signin.awaited(work, founded.admin)
            invited = signin.invite(work, founded.admin.user.id) if awaited else None
        return Created(founded, invited)


def invite(settings: Settings, email: str, *, dry_run: bool = False) -> tuple[User, Invited]:
    """Give somebody a code for another password, whatever organizations they belong to.

    The code of a dry run is good for nothing.

    Raises:
        UnreadyError: if there is no installation.
        NotFound: if nobody has this e-mail address, or they are shut out everywhere.
    """
    with opened(settings) as office:
        with office.database.reading() as tx:
            user = directory.user_by_email(tx, email)
            places = [] if user is None else directory.memberships(tx, user.id)
        active = [place.organization for place in places if place.active]
        if user is None or not active:
            raise NotFound
        with working(office, directory.operator(active[0]), dry_run=dry_run) as work:
            return user, signin.invite(work, user.id)


def admit(settings: Settings, email: str, *, out: bool, dry_run: bool = False) -> User:
    """Shut somebody out of every organization, or let them in again.

    Raises:
        UnreadyError: if there is no installation.
        NotFound: if nobody has this e-mail address.
        Conflict: LAST_ADMIN, where nobody would be left to administer an organization.
    """
    with opened(settings) as office:
        with office.database.reading() as tx:
            user = directory.user_by_email(tx, email)
            places = [] if user is None else directory.memberships(tx, user.id)
        if user is None or not places:
            raise NotFound
        act = deactivate_user if out else reactivate_user
        caller = directory.operator(places[0].organization)
        with working(office, caller, dry_run=dry_run) as work:
            return act(work, user.id).user


def restore_role(
    settings: Settings, id_: RoleId, name: str, *, dry_run: bool = False
) -> tuple[Role, int]:
    """Have a role be a built-in one again, as organizations begin with it.

    Returns the role, and how many members hold it.

    Raises:
        UnreadyError: if there is no installation.
        NotFound: if there is no such role.
        Invalid: for a name that no built-in role has.
        Conflict: NAME_TAKEN, if another role of the organization is called so.
    """
    with opened(settings) as office:
        with office.database.reading() as tx:
            here = directory.home_of_role(tx, id_)
        with working(office, directory.operator(here), dry_run=dry_run) as work:
            return restore(work, id_, name)


def lift_provider(settings: Settings, named: str, *, dry_run: bool = False) -> tuple[str, bool]:
    """Let people enter an organization again who came by no provider.

    Returns its name, and whether that had been asked of them. It is named by its id, or by its name
    where no other one has it.

    Raises:
        UnreadyError: if there is no installation.
        NotFound: if there is no such organization, or several of that name.
    """
    with opened(settings) as office:
        with office.database.reading() as tx:
            every = directory.organizations_all(tx)
        found = [one for one in every if spell(Prefix.ORGANIZATION, one.id) == named]
        found = found or [one for one in every if named in {str(one.id), one.name}]
        if len(found) != 1:
            raise NotFound
        [here] = found
        with working(office, directory.operator(here.id), dry_run=dry_run) as work:
            lifted = lift(work)
        return here.name, lifted


class _Undone(Exception):
    """It was only a rehearsal."""


@contextmanager
def working(office: Office, caller: Caller, *, dry_run: bool) -> Iterator[Work]:
    """Work as the operator; of a dry run nothing is kept, and nothing is told."""
    try:
        with office.work(caller, MACHINE) as work:
            yield work
            if dry_run:
                _undo()
    except _Undone:
        return


def _undo() -> NoReturn:
    """Leave a transaction so that nothing of it is kept."""
    raise _Undone


@contextmanager
def opened(settings: Settings) -> Iterator[Office]:
    """Open the installation for the operator.

    Raises:
        UnreadyError: if there is none.
    """
    if not settings.database_url and not settings.office_file.exists():
        raise UnreadyError(nothing_in(settings.data_dir))
    settings.prepare()
    database = sealing.opened(settings)
    with ExitStack() as leaving:
        leaving.callback(database.close)
        clock = HostClock(settings.clock_file)
        leaving.callback(clock.close)
        at_once = leaving.enter_context(closing(AtOnce(settings, database, clock)))
        yield office_of(database, settings, clock, system_entropy, at_once)
