"""What changed of roles, members, policies, APIs and places stands in the trail, on each engine."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest
from msgspec import structs

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Grant, Term
from counterfoil.access.role import Role
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.audit.read import Recorded, Sought
from counterfoil.content import tree
from counterfoil.content.locales import edit_locales
from counterfoil.directory.api import ApiWish
from counterfoil.directory.declare_routes import declare_routes
from counterfoil.directory.define_role import edit_role
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign, deactivate, end
from counterfoil.directory.register_api import create_api, edit_api
from counterfoil.directory.show import show_policy
from counterfoil.directory.trail import export_entries, list_entries
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Denied
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.kernel.page import Wanted
from counterfoil.operation import OPERATIONS
from counterfoil.routing.table import Route
from counterfoil.runtime.database import Database
from support.directory import Company
from support.directory_doors import ROUTES
from support.doors import Probe
from support.office import ORIGIN, StandingClock, office_on
from support.trail import changed

READ, WRITE = "content:read", "content:write"


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def node(id_: NodeId) -> str:
    return spell(Prefix.NODE, id_)


def entries_of(acme: Company, caller: Caller, operation: str) -> list[Recorded]:
    with acme.office.read(caller, ORIGIN) as work:
        return list(list_entries(work, Sought(operation=operation), Wanted(10)).items)


def test_a_role_tells_what_it_was_and_is(acme: Company) -> None:
    """A role that is made and edited has its name, scopes and roots on record (X2)."""
    desk = acme.role("desk", Scope.CONTENT_READ)
    told = changed(acme.office.database, "role.create")
    assert told == {"name": (None, "desk"), "scopes": (None, [READ])}
    more = scopes(Scope.CONTENT_READ, Scope.CONTENT_WRITE)
    wide = partial(replace, name="press", scopes=more, roots=frozenset({acme.root}))
    with acme.acting(acme.ada) as work:
        edit_role(work, desk.id, wide)
    assert changed(acme.office.database, "role.edit") == {
        "name": ("desk", "press"),
        "scopes": ([READ], [READ, WRITE]),
        "roots": (None, [node(acme.root)]),
    }


def test_a_member_tells_which_roles(acme: Company) -> None:
    """Who is enrolled, gets other roles, is shut out and leaves has that on record (X2)."""
    database, ben = acme.office.database, acme.hire("Ben", "reader", "editor")
    assert changed(database, "user.enroll")["roles"] == (None, ["editor", "reader"])
    with acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["developer"].id])
    assert changed(database, "member.assign") == {"roles": (["editor", "reader"], ["developer"])}
    with acme.acting(acme.ada) as work:
        deactivate(work, ben)
    assert changed(database, "member.deactivate") == {"active": (True, False)}
    with acme.acting(acme.ada) as work:
        end(work, ben)
    assert changed(database, "member.end")["ended"] == (False, True)


def test_a_policy_tells_each_field(acme: Company) -> None:
    """Whatever is set of a policy has its old and its new value on record (X2)."""
    with acme.looking(acme.ada) as work:
        version = show_policy(work).version
    role = str(acme.roles["admin"].id)
    said = {"quota": 3, "delivery_rate": 12.5, "token_roles": (role,), "audit_strict": True}
    with acme.acting(acme.ada) as work:
        edit_policy(work, version, said)
    assert changed(acme.office.database, "policy.edit") == {
        "audit_strict": (False, True),
        "delivery_rate": (None, 12.5),
        "quota": (5, 3),
        "token_roles": (None, [f"rol_{role}"]),
    }


def test_an_api_tells_its_scopes_and_routes(acme: Company) -> None:
    """An API's names, scopes and routes have what they were and are on record (X2)."""
    database = acme.office.database
    with acme.acting(acme.ada) as work:
        api = create_api(work, ApiWish("Shop", "https://shop.test", [("shop:read", "Look")]))
    assert changed(database, "api.create")["scopes"] == (None, ["shop:read Look"])
    with acme.acting(acme.ada) as work:
        edit_api(work, api.id, ApiWish("Store", scopes=[("shop:buy", "")]))
    assert changed(database, "api.edit") == {
        "name": ("Shop", "Store"),
        "scopes": (["shop:read Look"], ["shop:buy"]),
    }
    routes = [Route(frozenset({"GET"}), "/items/{item}", "shop:buy", "{item}", changes=True)]
    with acme.acting(acme.ada) as work:
        declare_routes(work, api.id, routes, preflights=True)
    assert changed(database, "api.route") == {
        "preflights": (False, True),
        "routes": ([], ["GET /items/{item} shop:buy {item} changes"]),
    }


def test_a_place_tells_where_it_was(acme: Company) -> None:
    """A node that is renamed or moved, and other locales, have both sides on record (X2)."""
    database = acme.office.database
    with acme.acting(acme.ada) as work:
        one = tree.create_folder(work, acme.root, "one").id
    with acme.acting(acme.ada) as work:
        two = tree.create_folder(work, acme.root, "two").id
    with acme.acting(acme.ada) as work:
        tree.rename(work, two, "second")
    assert changed(database, "node.rename") == {"slug": ("two", "second")}
    with acme.acting(acme.ada) as work:
        tree.move(work, two, one)
    assert changed(database, "node.move") == {"parent": (node(acme.root), node(one))}
    with acme.acting(acme.ada) as work:
        edit_locales(work, ["en", "de"])
    assert changed(database, "locales.edit") == {"locales": (["en"], ["en", "de"])}


def test_what_was_refused_changed_nothing(acme: Company) -> None:
    """An act that is refused tells no change, and one that changes nothing tells none (X2)."""
    ben = acme.hire("Ben", "reader")
    with pytest.raises(Denied), acme.acting(ben) as work:
        assign(work, ben, [acme.roles["admin"].id])
    assert changed(acme.office.database, "member.assign") == {}
    with acme.acting(acme.ada) as work:
        assign(work, ben, [acme.roles["reader"].id])
    assert changed(acme.office.database, "member.assign") == {}


def test_changes_tell_nothing_of_other_nodes(acme: Company) -> None:
    """Whom roots bound sees of a change the nodes alone that they are told of, in no proof (S30).

    So it is in lists and in files; what they did themselves they see whole.
    """
    with acme.acting(acme.ada) as work:
        press = tree.create_folder(work, acme.root, "press").id
    with acme.acting(acme.ada) as work:
        internal = tree.create_folder(work, acme.root, "internal").id
    role = acme.role("desk", Scope.CONTENT_READ, roots=frozenset({press}))

    def both(one: Role) -> Role:
        return replace(one, name="desks", roots=frozenset({press, internal}))

    with acme.acting(acme.ada) as work:
        edit_role(work, role.id, both)
    grant = Grant((Term(EVERY_SCOPE, frozenset({press})),))
    bounded = structs.replace(acme.caller(acme.hire("Ben", "reader")), grant=grant)
    (entry,) = entries_of(acme, bounded, "role.edit")
    assert {one.name: one.after for one in entry.changes} == {"name": "desks"}
    with acme.office.read(bounded, ORIGIN) as work:
        pages = list(export_entries(work, acme.office.database, Sought(operation="role.edit")))
    assert [one.changes for page in pages for one in page.items] == [entry.changes]
    whole = {node(press), node(internal)}
    for caller in (acme.caller(acme.ada), structs.replace(bounded, user=acme.ada)):
        (seen,) = entries_of(acme, caller, "role.edit")
        assert {"name", "roots"} == {one.name for one in seen.changes}
    receipt = f"/cma/audit_events/{entry.position}/receipt"
    answer = Probe(acme.office, bounded, routes=ROUTES, operations=OPERATIONS)("GET", receipt)
    assert answer.status == 404
    answer = Probe(acme.office, acme.caller(acme.ada), routes=ROUTES, operations=OPERATIONS)(
        "GET", receipt
    )
    told = json.loads(answer.json["data"]["attributes"]["entry"])["changes"]
    assert set(told[-1]["after"]) == whole


def test_the_trail_shows_changes_over_http(acme: Company) -> None:
    """GET /cma/audit_events tells each change by name, before and after; and none as none (X2)."""
    ben = acme.hire("Ben", "reader")
    with acme.acting(acme.ada) as work:
        assign(work, ben, [])
    probe = Probe(acme.office, acme.caller(acme.ada), routes=ROUTES, operations=OPERATIONS)
    (shown,) = probe("GET", "/cma/audit_events?filter[operation]=member.assign").json["data"]
    assert shown["attributes"]["changes"] == [{"name": "roles", "before": ["reader"], "after": []}]
    probe("GET", "/cma/audit_events")
    found = probe("GET", "/cma/audit_events?filter[operation]=audit.list").json["data"]
    assert found[0]["attributes"]["changes"] == []
