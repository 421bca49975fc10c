"""What an act changed, as its entry keeps it."""

from __future__ import annotations

import random

from msgspec.structs import replace
from sqlalchemy import select

from counterfoil.audit.changes import CHARS, MOST, Change, Told, differences, nodes_in, without
from counterfoil.audit.journal import Journal
from counterfoil.audit.record import Act, Entry, entries, read
from counterfoil.kernel.clock import micros
from counterfoil.kernel.ids import NodeId
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, Secret
from support.office import ORIGIN, START
from support.trail import ADA

HERE, THERE = NodeId(4_000_000_000_000_001), NodeId(4_000_000_000_000_002)
AS_EVER = (
    b'\x01{"address":"192.0.2.7","agent":"test/1","at":1772366400000000,"issuer_id":null,'
    b'"method":"session","operation":"token.edit","organization_id":1000000000000001,'
    b'"outcome":"allowed","position":1,"request_id":"request-1","target":"tok_1",'
    b'"token_id":1000000000000101,"token_name":"session","user_id":1000000000000100}'
)


def kept(database: Database, act: Act) -> bytes:
    """Return the bytes of an act's entry."""
    journal = Journal(database)
    journal.put([Entry(ADA, ORIGIN, act, micros(START))])
    journal.flush()
    with database.reading() as tx:
        return bytes(tx.scalars(select(entries.c.body)).one())


def test_an_act_that_tells_no_change_is_kept_as_ever(database: Database) -> None:
    """What changes nothing has the bytes that it always had, so no hash is another one (R15)."""
    assert kept(database, Act("token.edit", "tok_1")) == AS_EVER


def test_changes_are_part_of_what_is_hashed(database: Database) -> None:
    """Changes stand in the bytes of the entry, in the order of the members' names (R15)."""
    change = Change(before=["content:read"], after=None, name="scopes")
    written = kept(database, replace(Act("token.edit", "tok_1"), changes=(change,)))
    told = b'"changes":[{"after":null,"before":["content:read"],"name":"scopes"}],'
    assert written == AS_EVER.replace(b'"issuer_id"', told + b'"issuer_id"')
    found = read(written)
    assert found is not None
    assert found.changes == (change,)


def test_several_steps_come_to_one_change() -> None:
    """Of a thing that changes step by step the first state and the last are told, by name."""
    steps: tuple[Told, ...] = (
        ({"name": "a", "state": "on", "end": 1}, {"name": "b", "state": "on", "end": 1}),
        ({"name": "b", "state": "on"}, {"name": "c", "state": "off"}),
    )
    assert differences(steps) == (
        Change(before="a", after="c", name="name"),
        Change(before="on", after="off", name="state"),
    )
    assert differences([({"name": "a"}, {"name": "b"}), ({"name": "b"}, {"name": "a"})]) == ()


def test_what_is_new_had_nothing_before() -> None:
    """Of a new thing all that it says is told; what it does not say is no change."""
    assert differences([({}, {"name": "a", "end": None, "scopes": ()})]) == (
        Change(before=None, after="a", name="name"),
        Change(before=None, after=[], name="scopes"),
    )


def test_no_secret_gets_in() -> None:
    """Whatever looks like a token in a text or a list is cut down to its hint (S8)."""
    secret = Secret.mint(Kind.PERSONAL, random.Random(1).randbytes).reveal()
    (one, other) = differences([({}, {"description": f"see {secret}", "words": (secret,)})])
    assert secret not in str(one.after)
    assert secret not in str(other.after)
    assert str(one.after).startswith("see ")


def test_what_is_long_is_cut_and_says_so() -> None:
    """No text and no list makes an entry large; of a long list what differs is told first."""
    many = tuple(f"10.0.{number}.0/24" for number in range(MOST + 20))
    (text,) = differences([({"text": "x" * 10_000}, {"text": "y" * 10_000})])
    assert (len(str(text.before)), str(text.after)[-1]) == (CHARS, "…")
    (more,) = differences([({"where": many}, {"where": (*many, "192.0.2.0/24")})])
    assert more.before == [f"… {len(many)}"]
    assert more.after == ["192.0.2.0/24", f"… {len(many)}"]
    (new,) = differences([({}, {"where": many})])
    assert isinstance(new.after, list)
    assert (len(new.after), new.after[-1]) == (MOST + 1, "… 20")


def test_nodes_are_taken_out() -> None:
    """Of nodes that somebody is not told of nothing is left, nor of a change to them alone."""
    roots = Change(before=[f"nod_{HERE}"], after=[f"nod_{HERE}", f"nod_{THERE}"], name="roots")
    parent = Change(before=f"nod_{HERE}", after=f"nod_{THERE}", name="parent")
    name = Change(before="nod_x", after="nod_", name="name")
    assert nodes_in((roots, parent, name)) == {HERE, THERE}
    assert without((roots, parent, name), [THERE]) == (
        Change(before=f"nod_{HERE}", after=None, name="parent"),
        name,
    )
    assert without((roots, parent), [HERE, THERE]) == ()
