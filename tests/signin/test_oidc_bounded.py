"""A provider of some organizations: whom it let in, as the gates are told.

Acme is one; Bolt is a provider of the whole installation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias

import pytest
from msgspec import json, structs
from sqlalchemy import Connection, select

from counterfoil import directory, signin
from counterfoil.audit.record import entries
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.event import AnyEvent, TokenRecorded
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from counterfoil.runtime.provider import Provider, Providers, Told
from counterfoil.signin import heed
from counterfoil.signin.model import Account
from counterfoil.signin.steps.session import on_behalf
from counterfoil.signin.steps.vouched import Unlinked, count_unlinked
from counterfoil.signin.vouch import Came, login
from support.directory import Company
from support.issuer import Issuer
from support.office import ORIGIN, StandingClock
from support.provider_only import demanding
from support.signin import ADA, BEN, House, Visitor
from support.traveller import Traveller, address

pytestmark = pytest.mark.each_engine

HEED = "provider.heed"

Dumps: TypeAlias = Callable[[], tuple[object, object]]


class Bounded:
    """A house that Acme counts in, and a company of which Ada is a member as well."""

    def __init__(self, house: House, clock: StandingClock) -> None:
        self.house, self.office = house, house.office
        self.other = Company(house.office, "Other")
        with house.office.database.reading() as tx:
            at_home = directory.user(tx, house.ada)
        with self.other.operating() as work:
            newcomer = Newcomer(at_home.name, at_home.email)
            enroll(work, newcomer, [self.other.roles["reader"].id])
        self.acme = Issuer(clock)
        self.bolt = Issuer(clock, issuer="https://login.bolt.test")
        self.names(acme={house.id}, bolt=set())

    def names(self, **said: Iterable[OrganizationId]) -> bool:
        """Begin a server with a file of these providers; say whether they were new."""
        issuers = {"acme": self.acme, "bolt": self.bolt}
        known = {
            name: issuers[name].relied_on(name, organizations=frozenset(places))
            for name, places in said.items()
        }
        self.office.providers = Providers(known)
        return heed(self.office, self.office.providers.each())

    def known(self, name: str, subject: str, email: str = ADA) -> Traveller:
        """Somebody who has linked an account there by their password."""
        visitor = Visitor(self.office)
        assert visitor.sign_in(email).status == 204
        traveller = Traveller(visitor, getattr(self, name), name)
        assert traveller.link(subject).status == 200
        return traveller

    def trail(self) -> list[tuple[int, str]]:
        """Return where it is on record that another file was heeded, and which providers count."""
        query = select(entries).where(entries.c.operation == HEED).order_by(entries.c.position)
        with self.office.database.reading() as tx:
            rows = tx.execute(query).all()
        return [
            (row.organization_id, str(json.decode(row.body[1:]).get("note", ""))) for row in rows
        ]


@pytest.fixture
def bounded(house: House, clock: StandingClock) -> Bounded:
    return Bounded(house, clock)


def records(tx: Connection) -> Iterable[AnyEvent]:
    return chain(directory.records(tx), signin.records(tx))


@pytest.fixture
def dumps(database: Database, tmp_path: Path) -> Iterator[Dumps]:
    """What a replica that follows holds, and one that is built from the books beside it."""
    source = Outbox(database, records)
    follower, anew = Replica(tmp_path / "follower"), Replica(tmp_path / "anew")
    follower.rebuild(source)

    def told() -> tuple[object, object]:
        follower.catch_up(source)
        anew.rebuild(source)
        return follower.dump(), anew.dump()

    yield told
    follower.close()
    anew.close()


def told_last(house: House) -> TokenRecorded:
    return house.recorded()[-1]


def test_all_that_a_session_leads_to_says_where(bounded: Bounded) -> None:
    """The gates are told where the provider counts, through every code and refresh (S48)."""
    house, here = bounded.house, bounded.house.id
    for name, counts in (("acme", (here,)), ("bolt", None)):
        ada = bounded.known(name, "ada")
        assert told_last(house).vouched_in == counts
        assert ada.sign_in("ada").status == 200
        assert told_last(house).vouched_in == counts
        tokens = ada.visitor.redeem(ada.visitor.code()).json
        assert told_last(house).vouched_in == counts
        assert ada.visitor.refresh(tokens["refresh_token"]).status == 200
        assert told_last(house).vouched_in == counts


def test_another_file_holds_at_once(bounded: Bounded, dumps: Dumps) -> None:
    """Whom a provider let in is told of anew as soon as another file says where it counts (S48).

    Also of one that counts nowhere any more, and of one that is named no more. Nobody else is told
    of, and a gate that is built anew holds the same as one that follows.
    """
    house = bounded.house
    here, there = house.id, bounded.other.id
    bounded.known("bolt", "ada").sign_in("ada")
    ada = bounded.known("acme", "ada")
    ada.sign_in("ada")
    tokens = ada.visitor.redeem(ada.visitor.code()).json
    visitor = Visitor(bounded.office)
    assert visitor.sign_in(BEN).status == 204
    for said, counts in (
        ({"acme": {there}}, (there,)),
        ({"acme": {here, there}}, tuple(sorted((here, there)))),
        ({"acme": set[OrganizationId]()}, None),
        ({}, ()),
        ({"acme": {here}}, (here,)),
    ):
        before = house.head()
        assert bounded.names(bolt=set(), **said)
        told = [one for one in house.events(before) if isinstance(one, TokenRecorded)]
        assert len(house.events(before)) == len({one.token for one in told}) == 2
        assert {one.vouched_in for one in told} == {counts}
        followed, anew = dumps()
        assert followed == anew
    assert ada.visitor.refresh(tokens["refresh_token"]).status == 200
    assert told_last(house).vouched_in == (here,)


def test_no_session_slips_through_in_between(bounded: Bounded, clock: StandingClock) -> None:
    """Who signs in while another file is heeded is told of by one of both, never by the old one.

    Whoever heeds it waits for the session that begins, and finds it (S48).
    """
    house = bounded.house
    bounded.known("acme", "ada")
    provider = bounded.office.providers["acme"].provider
    told = Told(bounded.acme.issuer, "ada", clock())
    came = Came("", None, None, None, "", "", "en")
    beginning = Thread(target=bounded.names, kwargs={"acme": {bounded.other.id}, "bolt": set()})
    with house.office.work(on_behalf(Account(house.ada, house.id), "acme"), ORIGIN) as work:
        login(work, provider, told, came)
        beginning.start()
        beginning.join(1)
    beginning.join()
    sessions = {one.token: one.vouched_in for one in house.recorded()}
    assert sessions[told_last(house).token] == (bounded.other.id,)
    assert set(sessions.values()) <= {(), (bounded.other.id,)}


def test_the_same_file_says_nothing_new(bounded: Bounded) -> None:
    """Each server that begins reads the file; only what is new in it is told, and on record."""
    bounded.known("acme", "ada").sign_in("ada")
    before, trail = bounded.house.head(), bounded.trail()
    assert not bounded.names(acme={bounded.house.id}, bolt=set())
    assert (bounded.house.head(), bounded.trail()) == (before, trail)


def test_what_was_told_before_this_was_kept(bounded: Bounded) -> None:
    """After an upgrade each session that a provider began is told of, as the file says (S48)."""
    bounded.known("acme", "ada").sign_in("ada")
    assert bounded.names()  # as the books are before any server of this release has begun
    assert told_last(bounded.house).vouched_in == ()
    assert bounded.names(acme={bounded.house.id}, bolt=set())
    assert told_last(bounded.house).vouched_in == (bounded.house.id,)


@pytest.mark.parametrize(
    "change", [{"issuer": "https://login.harbour.test"}, {"claims": {"hd": "acme.test"}}]
)
def test_another_provider_of_its_name_has_let_nobody_in(
    bounded: Bounded, dumps: Dumps, change: dict[str, Any]
) -> None:
    """Whom the former provider of a name let in has come by none, and so has a refresh (S48).

    Another issuer is another provider, and so is one of which more is asked. It stays so where the
    name is missing in a file for a while; whom it lets in from now on, it vouches for.
    """
    house, office = bounded.house, bounded.office
    ada = bounded.known("acme", "ada")
    ada.sign_in("ada")
    tokens = ada.visitor.redeem(ada.visitor.code()).json
    demanding(house)
    before, trail = house.head(), len(bounded.trail())
    acme, bolt = office.providers.each()
    harbour = replace(acme, **change)
    assert heed(office, [harbour, bolt])
    assert bounded.trail()[trail:] == [(house.id, "acme, bolt")]
    told = [one for one in house.events(before) if isinstance(one, TokenRecorded)]
    assert [one.vouched_in for one in told] == [(), ()]
    assert not heed(office, [harbour, bolt])
    assert heed(office, [bolt])
    assert heed(office, [harbour, bolt])
    assert ada.visitor.refresh(tokens["refresh_token"]).status == 200
    assert told_last(house).vouched_in == ()
    followed, anew = dumps()
    assert followed == anew
    assert ada.sign_in("ada").status == 200
    assert told_last(house).vouched_in == (house.id,)


def test_it_is_on_record_whom_it_concerns(bounded: Bounded) -> None:
    """An organization that asks for a provider has on record which of them count there now (R14).

    Where they are the same as before nothing is written; where nobody asks, it is in one trail.
    """
    here, there = bounded.house.id, bounded.other.id
    assert len(bounded.trail()) == 1
    demanding(bounded.house)
    demanding(bounded.other)
    before = len(bounded.trail())
    assert bounded.names(acme={here, there}, bolt=set())
    assert bounded.trail()[before:] == [(there, "acme, bolt")]
    assert bounded.names(acme={there})
    assert dict(bounded.trail()[before + 1 :]) == {here: "", there: "acme"}


def test_before_anybody_is_here_the_file_is_heeded_too(
    office: Office, clock: StandingClock
) -> None:
    """Whoever founds an installation by a provider is vouched for at once."""
    said = Provider("acme", "Acme", "https://login.acme.test", "counterfoil")
    assert heed(office, [said])
    assert not heed(office, [said])
    house = House(office)
    office.providers = Providers({"acme": (issuer := Issuer(clock)).relied_on()})
    ada = Traveller(Visitor(office), issuer)
    ada.visitor.sign_in()
    assert ada.link("ada").status == 200
    assert told_last(house).vouched_in is None


def test_linking_asks_for_a_provider_that_counts(bounded: Bounded) -> None:
    """A provider of one organization adds no account with which another one is entered (S48).

    Whoever belongs to an organization that asks for a provider adds an account only in a session
    that counts there, in each of them.
    """
    ada = bounded.known("acme", "ada")
    bolt = Traveller(ada.visitor, bounded.bolt, "bolt")
    assert ada.link("ada too").status == 200
    demanding(bounded.house)
    assert ada.sign_in("ada").status == 200
    assert bolt.link("ada").status == 200
    assert ada.sign_in("ada").status == 200
    demanding(bounded.other)
    refused = bolt.go_to_link()
    assert (refused.status, b"An organization of yours asks" in refused.body) == (403, True)
    assert bolt.sign_in("ada").status == 200
    assert ada.link("ada three").status == 200


def test_a_provider_that_counts_no_more_links_nothing(bounded: Bounded) -> None:
    """Another file is heeded on the way to the provider and back as well (S48)."""
    demanding(bounded.house)
    with bounded.house.operating() as work:
        code = signin.invite(work, bounded.house.ben).code.reveal()
    ben = Traveller(Visitor(bounded.office), bounded.acme)
    assert ben.sign_in("ben", code=code).status == 200
    left = ben.go_to_link()
    assert left.status == 200
    bounded.names(acme={bounded.other.id})
    back = ben.back(**bounded.acme.agreed(address(left), "ben too"))
    assert back.status == 403


@pytest.mark.parametrize("at_home", [False, True])
def test_who_turns_it_on_came_by_a_provider_that_counts(bounded: Bounded, *, at_home: bool) -> None:
    """Whoever came by a provider of another organization turns nothing on here (S44)."""
    house = bounded.house
    places = (house.id if at_home else bounded.other.id,)
    caller = structs.replace(house.caller(house.ada), vouched_in=places)
    with house.office.read(caller, ORIGIN) as work:
        version = directory.policy(work.tx, house.id).version
    refused = nullcontext() if at_home else pytest.raises(Invalid, match="at your provider first")
    with refused, house.office.work(caller, ORIGIN) as work:
        edit_policy(work, version, {"provider_only": True})
    with house.office.database.reading() as tx:
        assert directory.policy(tx, house.id).provider_only is at_home


def test_who_is_known_where_no_provider_counts_is_counted(bounded: Bounded) -> None:
    """The preview counts whom no provider knows that counts there, and the admins apart."""
    house, office = bounded.house, bounded.office

    def unlinked(company: Company) -> Unlinked:
        with office.database.reading() as tx:
            return count_unlinked(office, tx, company.id)

    assert (unlinked(house), unlinked(bounded.other)) == (Unlinked(2, 1), Unlinked(2, 1))
    bounded.known("acme", "ada")
    assert (unlinked(house), unlinked(bounded.other)) == (Unlinked(1, 0), Unlinked(2, 1))
    bounded.known("bolt", "ben", BEN)
    assert (unlinked(house), unlinked(bounded.other)) == (Unlinked(0, 0), Unlinked(2, 1))
    bounded.known("bolt", "ada")
    assert unlinked(bounded.other) == Unlinked(1, 1)
    bounded.names(acme={bounded.other.id})
    assert (unlinked(house), unlinked(bounded.other)) == (Unlinked(2, 1), Unlinked(1, 1))
