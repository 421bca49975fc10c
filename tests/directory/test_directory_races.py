"""What happens when two do it at once, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from counterfoil.access.scope import FIRST_CUSTOM, Scope
from counterfoil.directory.api import ApiWish
from counterfoil.directory.deactivate import deactivate_user
from counterfoil.directory.define_role import delete_role
from counterfoil.directory.enroll import assign, deactivate, end, enroll
from counterfoil.directory.register_api import create_api
from counterfoil.directory.show import list_apis
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import ORIGIN, StandingClock, office_on


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def at_once(*jobs: Callable[[], object]) -> list[Exception | None]:
    """Run jobs in threads that start together; return what each raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)
    raised: list[Exception | None] = list(results)

    def run(place: int, job: Callable[[], object]) -> None:
        gate.wait()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            raised[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.parametrize("verb", [deactivate, end, deactivate_user, lambda w, u: assign(w, u, [])])
def test_admins_cannot_remove_each_other_to_the_last(
    acme: Company, verb: Callable[[Work, UserId], object]
) -> None:
    """Of four admins who remove each other at once, exactly one is left (S23)."""
    admins = [acme.ada, *(acme.hire(name, "admin") for name in ("Ben", "Cem", "Dee"))]
    callers = {admin: acme.caller(admin) for admin in admins}

    def remove(victim: UserId, by: UserId) -> None:
        with acme.office.work(callers[by], ORIGIN) as work:
            verb(work, victim)

    def job(place: int) -> Callable[[], None]:
        return lambda: remove(admins[place], admins[(place + 1) % len(admins)])

    raised = [error for error in at_once(*map(job, range(len(admins)))) if error]
    assert [error.code for error in raised if isinstance(error, CounterfoilError)] == [
        Code.LAST_ADMIN
    ]
    assert len(raised) == 1
    left = [admin for admin in admins if is_admin(acme, admin)]
    assert len(left) == 1


def is_admin(acme: Company, user: UserId) -> bool:
    try:
        return acme.member(user).is_admin
    except CounterfoilError:
        return False


def test_a_person_is_enrolled_once(acme: Company) -> None:
    """Six enrolments of one new person at once make one user and one member (S23)."""

    def job() -> None:
        with acme.acting(acme.ada) as work:
            enroll(work, Newcomer("Ben", "ben@people.test"), [acme.roles["reader"].id])

    raised = at_once(*[job] * 6)
    assert sum(error is None for error in raised) == 1
    assert all(isinstance(error, Conflict) for error in raised if error)


def test_a_role_is_not_handed_out_while_it_goes(acme: Company) -> None:
    """A role that is deleted and assigned at once is either held or gone, never both (S21)."""
    people = [acme.hire(name) for name in ("Ben", "Cem", "Dee")]
    for turn, ben in enumerate(people):
        press = acme.role(f"press {turn}", Scope.CONTENT_READ)

        def give(user: UserId = ben, name: str = press.name) -> None:
            with acme.acting(acme.ada) as work:
                assign(work, user, [acme.roles[name].id])

        def take(name: str = press.name) -> None:
            with acme.acting(acme.ada) as work:
                delete_role(work, acme.roles[name].id)

        raised = at_once(give, take)
        assert sum(error is None for error in raised) == 1
        assert all(isinstance(error, CounterfoilError) for error in raised if error)


def test_shutting_out_and_enrolling_do_not_block_each_other(acme: Company) -> None:
    """Shut out of all organizations while two enrol them, a user has no power anywhere (S20)."""
    beta, gamma = Company(acme.office, "Beta"), Company(acme.office, "Gamma")
    ben = acme.hire("Ben", "reader")

    def shut_out() -> None:
        with acme.operating() as work:
            deactivate_user(work, ben)

    raised = at_once(
        lambda: beta.hire("Ben", "editor"), shut_out, lambda: gamma.hire("Ben", "editor")
    )
    assert raised == [None, None, None]
    for company in (acme, beta, gamma):
        assert company.member(ben).terms == ()
        told = [event for event in company.events() if getattr(event, "user", None) == ben]
        last = {event.organization: event for event in told}[company.id]
        assert not getattr(last, "active", True)


def test_apis_that_are_registered_at_once_share_no_number(acme: Company) -> None:
    """Scopes that come at one moment get numbers of their own, and a name is taken once (X5)."""
    caller = acme.caller(acme.ada)

    def register(place: int) -> None:
        scopes = [(f"api{place}:do{number}", "") for number in range(5)]
        with acme.office.work(caller, ORIGIN) as work:
            create_api(work, ApiWish(f"Api {place // 2}", f"api{place}", scopes))

    raised = at_once(*(partial(register, place) for place in range(6)))
    refused = [error for error in raised if error]
    assert [error.code for error in refused if isinstance(error, Conflict)] == [Code.NAME_TAKEN] * 3
    with acme.looking(acme.ada) as work:
        apis = list_apis(work)
    numbers = [scope.number for api in apis for scope in api.scopes]
    assert sorted(numbers) == list(range(FIRST_CUSTOM, FIRST_CUSTOM + 15))
