"""What a rebuilt replica is told equals what one that followed the feed knows."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from counterfoil.access.scope import ALL_BUILT_IN, Scope
from counterfoil.content import records as content_records
from counterfoil.directory import records
from counterfoil.directory.api import ApiWish
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.define_role import delete_role, edit_role
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign, deactivate, end, reactivate
from counterfoil.directory.register_api import create_api, edit_api, retire
from counterfoil.directory.store.apis import apis_in
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiStruck,
    CutOff,
    MemberRecorded,
    NodePlaced,
    OrganizationRecorded,
    RoleRecorded,
    RoleStruck,
)
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.operation import Work
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import StandingClock, office_on


def state(events: Iterable[AnyEvent]) -> dict[tuple[object, ...], AnyEvent]:
    """Keep the last event of each record, as a replica does."""
    known: dict[tuple[object, ...], AnyEvent] = {}
    for event in events:
        match event:
            case MemberRecorded():
                known["member", event.organization, event.user] = event
            case RoleRecorded():
                known["role", event.role] = event
            case RoleStruck():
                known.pop(("role", event.role), None)
            case ApiRecorded():
                known["api", event.api] = event
            case ApiStruck():
                known.pop(("api", event.api), None)
            case CutOff():
                known["cut-off", event.subject] = event
            case OrganizationRecorded():
                known["organization", event.organization] = event
            case NodePlaced():
                known["node", event.node] = event
    return known


def act_on_api(work: Work, dice: random.Random) -> None:
    """Register an API, or change or retire the one that there is."""
    wish = ApiWish("Shop", "shop", [(f"shop:{letter}", "") for letter in dice.sample("abcd", 2)])
    known = apis_in(work.tx, work.caller.organization)
    if not known:
        create_api(work, wish)
    elif dice.random() < 0.7:
        edit_api(work, known[0].id, wish)
    else:
        retire(work, known[0].id)


def step(companies: list[Busy], dice: random.Random) -> None:
    """Do one thing somewhere; what is refused changes nothing."""
    here = dice.choice(companies)
    names = ["Ben", "Cem", "Dee"]

    def act(work: Work) -> None:
        roles = dice.sample(sorted(here.roles), dice.randint(0, 2))
        ids = [here.roles[role].id for role in roles]
        who = dice.choice([here.hired[name] for name in names])
        role = here.roles["press"]
        choice = dice.randint(0, 9)
        verbs = [deactivate, reactivate, end, deactivate_user, reactivate_user]
        if choice < len(verbs):
            verbs[choice](work, who)
        elif choice == 5:
            assign(work, who, ids)
        elif choice == 6:
            mask = dice.getrandbits(10) | work.vocabulary().supported & ~ALL_BUILT_IN
            edit_role(work, role.id, lambda old: replace(old, scopes=mask))
        elif choice == 7:
            delete_role(work, role.id)
        elif choice == 8:
            act_on_api(work, dice)
        else:
            edit_policy(work, dice.randint(1, 3), {"management_limit": dice.randint(1, 9)})

    try:
        with here.operating() as work:
            act(work)
    except CounterfoilError:
        name = dice.choice(names)
        try:
            here.hire(name, dice.choice(["reader", "editor"]))
        except CounterfoilError:
            return


class Busy(Company):
    """A company that remembers whom it hired."""

    def settle(self) -> Busy:
        self.role("press", Scope.CONTENT_READ)
        self.hired = {name: self.hire(name, "reader") for name in ("Ben", "Cem", "Dee")}
        return self


@pytest.mark.parametrize("seed", range(4))
def test_records_equal_the_feed(
    any_database: Database, clock: StandingClock, entropy: Entropy, seed: int
) -> None:
    """After any history the present state, told anew, is what the feed adds up to (S20, S21)."""
    office = office_on(any_database, clock, entropy)
    companies = [Busy(office).settle(), Busy(office, "Beta").settle()]
    dice = random.Random(seed)
    for _ in range(60):
        step(companies, dice)
    with office.database.reading() as tx:
        told = state([*content_records(tx), *records(tx)])
    followed = state(companies[0].events())
    assert told == followed
    assert sum(key[0] == "cut-off" for key in followed) > 0
    assert any(isinstance(event, ApiRecorded) for event in companies[0].events())
    assert any(isinstance(event, MemberRecorded) and not event.active for event in told.values())
