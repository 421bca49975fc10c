"""The audit trail, read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace as replace_entry
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from counterfoil.access.caller import Method, Origin
from counterfoil.access.networks import read_networks
from counterfoil.access.scope import Scope
from counterfoil.audit.journal import Journal
from counterfoil.audit.read import Recorded, Sought
from counterfoil.audit.record import DAMAGED, Act, Entry, entries
from counterfoil.directory.enroll import assign, deactivate, end
from counterfoil.directory.show import list_roles, list_users
from counterfoil.directory.trail import (
    count_refused,
    export_entries,
    list_entries,
    names,
    people_in,
)
from counterfoil.kernel.clock import micros
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Denied, Malformed
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY
from counterfoil.tokens.steps.names import names_in
from support.directory import Company
from support.office import ORIGIN, START, StandingClock, office_on


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def found(
    company: Company, size: int = 100, after: str | None = None, **sought: object
) -> list[Recorded]:
    with company.looking(company.ada) as work:
        return list(
            list_entries(work, Sought(**sought), Wanted(size, after)).items  # type: ignore[arg-type]
        )


def test_an_effect_is_on_record(acme: Company) -> None:
    """An act is found by who did it, with which token, what, on what, and when (X2, S20)."""
    ben = acme.hire("Ben", "reader")
    with acme.acting(acme.ada) as work:
        deactivate(work, ben)
    entry = found(acme)[0]
    assert (entry.user, entry.token, entry.token_name) == (acme.ada, acme.ada + 1, "laptop")
    assert (entry.operation, entry.target) == ("member.deactivate", spell(Prefix.USER, ben))
    assert (entry.outcome, entry.at) == ("allowed", START)
    assert (entry.request_id, entry.address, entry.agent) == (
        ORIGIN.request_id,
        ORIGIN.address,
        ORIGIN.agent,
    )


def test_a_refusal_is_on_record(acme: Company) -> None:
    """What was refused stands in the trail under the code of the refusal, once (G9)."""
    ben = acme.hire("Ben", "reader")
    with pytest.raises(Denied), acme.acting(acme.ada, Method.PERSONAL) as work:
        assign(work, ben, [])
    refused = found(acme, outcome=str(Code.PAT_CANNOT_MANAGE_USERS))
    assert [(one.operation, one.method) for one in refused] == [("member.assign", "personal")]


def test_a_read_is_on_record(acme: Company) -> None:
    """A personal token's reads are in the trail under its name (X2)."""
    with acme.looking(acme.ada, Method.PERSONAL) as work:
        list_users(work, Wanted())
    assert [one.token_name for one in found(acme, operation="user.list")] == ["laptop"]


def record_on(company: Company, *targets: str) -> None:
    """Have it on record that Ada did something on each of these."""
    at = micros(START)
    ada = company.caller(company.ada)
    journal = Journal(company.office.database)
    journal.put([Entry(ada, ORIGIN, Act("agent.call", one), at) for one in targets])
    journal.flush()


def standing(company: Company, position: int | None = None) -> Recorded:
    """Return the entry at a position; the latest by default."""
    return next(one for one in found(company) if position in {None, one.position})


def change(company: Company, position: int, **values: object) -> None:
    """Write something else into an entry, as nobody may."""
    with company.office.database.transaction(NOBODY) as tx:
        tx.execute(update(entries).where(entries.c.position == position).values(values))


@pytest.mark.parametrize("prefix", [f"{one}_" for one in Prefix] + [""])
def test_what_is_no_id_names_nothing(acme: Company, prefix: str) -> None:
    """However odd the targets in a trail are, it is read and named, by whom roots bound too (S30).

    What looks like a node and is none stands nowhere: who reads below a root is not told of it.
    """
    odd = [prefix + end for end in ("", "x", "5", "9" * 16, "9" * 19, "9" * 60, "٣" * 16, "-1")]
    acme.role("watch", Scope.AUDIT_READ, roots=frozenset({acme.root}))
    wes = acme.hire("Wes", "watch")
    record_on(acme, *odd)
    for reader, seen in ((acme.ada, odd), (wes, [] if prefix == "nod_" else odd)):
        with acme.looking(reader) as work:
            told = list_entries(work, Sought(operation="agent.call"), Wanted(50)).items
            assert [one.target for one in reversed(told)] == seen
            called = names(work, told)
            assert not called.things.keys() & set(odd)
            assert not names_in(work, (one.target for one in told))
            assert called.people == ({acme.ada: "Ada"} if told else {})


def test_a_column_makes_no_entry_lie(acme: Company) -> None:
    """Each member is shown as it was hashed, whatever is written into the columns (R15, X2)."""
    ben = acme.hire("Ben", "reader")
    before = standing(acme)
    lies = {
        "user_id": ben, "token_id": 5, "operation": "token.revoke", "target": f"usr_{acme.ada}",
        "outcome": "NOT_FOUND", "api_id": 7, "at": START + timedelta(days=1),
    }  # fmt: skip
    change(acme, before.position, **lies)
    assert standing(acme, before.position) == before


@pytest.mark.parametrize(
    "changed",
    [
        lambda _own, _other: b"",
        lambda _own, _other: b"\1{",
        lambda own, _other: own + b"\xff",
        lambda _own, other: other,
        lambda own, _other: re.sub(rb'"at":\d+', b'"at":' + b"9" * 30, own),
        lambda own, _other: re.sub(rb'"user_id":\w+', b'"user_id":' + b"9" * 30, own),
        lambda own, _other: re.sub(rb'"organization_id":\d+', b'"organization_id":1', own),
    ],
    ids=["none", "half", "more", "of another", "no time", "no id", "of another organization"],
)
def test_what_was_changed_says_so(acme: Company, changed: Callable[[bytes, bytes], bytes]) -> None:
    """Bytes that were not written there are shown as damaged, with nothing of theirs (R15)."""
    acme.hire("Ben", "reader")
    entry, other = found(acme)[:2]
    with acme.office.database.reading() as tx:
        query = select(entries.c.body).where(
            entries.c.position.in_([entry.position, other.position])
        )
        before, own = map(bytes, tx.scalars(query.order_by(entries.c.position)))
    assert changed(own, before) != own
    change(acme, entry.position, body=changed(own, before))
    shown = standing(acme, entry.position)
    assert shown.outcome == DAMAGED
    assert not any((shown.user, shown.token, shown.token_name, shown.target, shown.request_id))


def test_a_name_is_told_of_ones_own_people_alone(acme: Company) -> None:
    """An entry about a user names nobody of another organization, and who has left here (S25)."""
    other = Company(acme.office, "Bolt")
    gone = acme.hire("Gus", "reader")
    with acme.acting(acme.ada) as work:
        end(work, gone)
    users = {id_: spell(Prefix.USER, id_) for id_ in (acme.ada, gone, other.ada)}
    record_on(acme, *users.values())
    with acme.looking(acme.ada) as work:
        told = list_entries(work, Sought(operation="agent.call"), Wanted(50)).items
        assert names(work, told).things == {users[acme.ada]: "Ada", users[gone]: "Gus"}
    by_them = [replace_entry(one, user=other.ada) for one in told]
    with acme.looking(acme.ada) as work:
        assert names(work, by_them).people == {}
    assert people_in(acme.office.database, acme.id, Page(tuple(by_them))) == {}


def test_the_name_of_then_stays(acme: Company) -> None:
    """After a rename the old entries keep the old name, and the token's id joins them (X3)."""
    caller = acme.caller(acme.ada)
    for name in ("laptop", "desktop"):
        with acme.office.read(replace(caller, token_name=name), ORIGIN) as work:
            list_roles(work)
    entries = found(acme, token=TokenId(acme.ada + 1), operation="role.list")
    assert [one.token_name for one in entries] == ["desktop", "laptop"]


def test_each_filter_narrows(acme: Company, clock: StandingClock) -> None:
    """Each filter leaves what it names and nothing else (X2)."""
    ben = acme.hire("Ben", "admin")
    with acme.acting(acme.ada) as work:
        assign(work, ben, [])
    with acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["admin"].id])
    clock.move_on(hours=1)
    with acme.looking(ben) as work:
        list_roles(work)
    assert {one.user for one in found(acme, user=ben)} == {ben}
    assert {one.operation for one in found(acme, operation="member.assign")} == {"member.assign"}
    target = spell(Prefix.USER, ben)
    assert {one.target for one in found(acme, targets=(target,))} == {target}
    later = START + timedelta(hours=1)
    assert {one.at for one in found(acme, since=later)} == {later}
    assert {one.at for one in found(acme, before=later)} == {START}
    assert found(acme, user=UserId(10**15)) == []


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("192.0.2.7", {"192.0.2.7"}),
        ("192.0.2.7/32", {"192.0.2.7"}),
        ("192.0.2.0/24", {"192.0.2.7", "192.0.2.255", "::ffff:192.0.2.9"}),
        ("192.0.2.128/25", {"192.0.2.255"}),
        ("192.0.2.0/23", {"192.0.2.7", "192.0.2.255", "::ffff:192.0.2.9", "192.0.3.0"}),
        ("::ffff:192.0.2.9", {"::ffff:192.0.2.9"}),
        ("0.0.0.0/0", {"192.0.2.7", "192.0.2.255", "::ffff:192.0.2.9", "192.0.3.0", "9.9.9.9"}),
        ("2001:db8::/48", {"2001:db8::7", "2001:db8:0:1::1"}),
        ("2001:0DB8:0:0::/64", {"2001:db8::7"}),
        ("fe80::1", {"fe80::1%eth0"}),
        ("::/0", {"2001:db8::7", "2001:db8:0:1::1", "fe80::1%eth0", "::c000:207"}),
        ("198.51.100.0/24", set()),
    ],
)
def test_a_network_is_a_filter(acme: Company, asked: str, meant: set[str]) -> None:
    """The trail is found by an address or a network, alike on every database (X2)."""
    came = "192.0.2.7 192.0.2.255 192.0.3.0 9.9.9.9 ::ffff:192.0.2.9 ::c000:207 2001:db8::7"
    for address in (*came.split(), "2001:db8:0:1::1", "fe80::1%eth0", ""):
        with acme.office.read(acme.caller(acme.ada), Origin("request-2", address)) as work:
            list_roles(work)
    networks = read_networks((asked,), "address")
    assert {one.address for one in found(acme, networks=networks, operation="role.list")} == meant


def test_pages_lose_and_repeat_nothing(acme: Company) -> None:
    """Page by page the trail is whole and in order, though each look adds to it (X2)."""
    for name in ("Ben", "Cem", "Dee", "Eli", "Fay"):
        acme.hire(name, "reader")
    newest = found(acme)[0].position
    positions: list[int] = []
    after = str(newest + 1)
    while page := found(acme, size=2, after=after):
        positions += [one.position for one in page]
        after = str(positions[-1])
    assert positions == sorted(positions, reverse=True)
    assert positions == list(range(newest, 0, -1))


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "9" * 19, "٣"])
def test_a_wrong_cursor_is_refused(acme: Company, cursor: str) -> None:
    """A cursor that is none is a clear refusal (S39)."""
    with pytest.raises(Malformed):
        found(acme, after=cursor)


def test_the_trail_stays_at_home(acme: Company) -> None:
    """An organization reads its own trail alone, and only who may (S25)."""
    beta = Company(acme.office, "Beta")
    ben = beta.hire("Ben", "reader")
    assert {one.operation for one in found(acme, user=ben)} == set()
    assert found(beta, operation="user.enroll")
    assert not found(acme, operation="user.enroll")
    with pytest.raises(Denied), beta.looking(ben) as work:
        list_entries(work, Sought(), Wanted())


def test_the_counts_are_for_who_reads_the_trail(acme: Company) -> None:
    """Refusals of nobody are counted for holders of audit:read alone; the look is on record."""
    ben = acme.hire("Ben", "editor")
    with pytest.raises(Denied), acme.looking(ben) as work:
        count_refused(work, Wanted(), None, None)
    with acme.looking(acme.ada) as work:
        assert list(count_refused(work, Wanted(), None, None).items) == []
    assert [one.outcome for one in found(acme, operation="audit.count_refused")] == [
        "allowed",
        "INSUFFICIENT_SCOPE",
    ]


def test_nothing_is_cut_out_of_a_file(acme: Company) -> None:
    """A file has every entry once, however many pieces it takes, and nobody waits for it (X2)."""
    for number in range(7):
        acme.hire(f"Ben{number}", "reader")
    with acme.looking(acme.ada) as work:
        pages = export_entries(work, acme.office.database, Sought(), piece=3)
    told, sizes, after = [], [], None
    for number, page in enumerate(pages):
        told += [one.position for one in page.items]
        sizes.append(len(page.items))
        after = page.after
        acme.hire(f"Meanwhile{number}", "reader")  # it would wait if the last piece held anything
    everything = [one.position for one in found(acme, size=1_000)]
    assert told == [position for position in everything if position <= told[0]]
    assert (max(sizes), len(sizes) > 2, after) == (3, True, None)
