"""What names nodes tells whom roots bound nothing of the outside, on both engines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from msgspec import structs

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.networks import networks
from counterfoil.access.scope import EVERY_SCOPE, Scope
from counterfoil.audit.read import Recorded, Sought
from counterfoil.content import tree
from counterfoil.directory.define_role import create_role, edit_role
from counterfoil.directory.trail import export_entries, list_entries
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell, spellings
from counterfoil.kernel.page import Wanted
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.database import Database
from support.directory import Company
from support.directory_doors import ROUTES
from support.doors import Probe
from support.office import ORIGIN, StandingClock, office_on

UNKNOWN = NodeId(4_000_000_000_000_777)


class Halves(Company):
    """A company with two folders, and something done in each."""

    press: NodeId
    internal: NodeId

    def furnish(self) -> None:
        with self.acting(self.ada) as work:
            self.press = tree.create_folder(work, self.root, "press").id
        with self.acting(self.ada) as work:
            self.internal = tree.create_folder(work, self.root, "internal").id

    def auditor(self, *terms: Term) -> Caller:
        """Return somebody signed in who reads the trail below the press, or by these terms."""
        ben = self.caller(self.hire("Ben", "reader"))
        held = terms or (Term(EVERY_SCOPE, frozenset({self.press})),)
        return structs.replace(ben, grant=Grant(held))

    def token(self, method: Method = Method.PERSONAL) -> Caller:
        """Return Ada's token that is restricted to the press."""
        grant = Grant((Term(EVERY_SCOPE),), (frozenset({self.press}),))
        return structs.replace(self.caller(self.ada, method), grant=grant, token=None)


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Halves:
    made = Halves(office_on(any_database, clock, entropy))
    made.furnish()
    return made


def trail_of(company: Halves, caller: Caller, sought: Sought | None = None) -> list[Recorded]:
    with company.office.read(caller, ORIGIN) as work:
        return list(list_entries(work, sought or Sought(), Wanted(100)).items)


def before(company: Halves, caller: Caller) -> Probe:
    return Probe(company.office, caller, routes=ROUTES, operations=OPERATIONS)


def targets(entries: list[Recorded]) -> set[str]:
    return {one.target for one in entries if one.target and one.target.startswith("nod_")}


def test_a_bounded_reader_is_told_of_the_inside(acme: Halves) -> None:
    """By the roots of a role or of a token, the trail tells of what they cover and of no tree."""
    inside = spell(Prefix.NODE, acme.press)
    for caller in (acme.auditor(), acme.token()):
        found = trail_of(acme, caller)
        assert targets(found) == {inside}
        assert "user.enroll" in {one.operation for one in found}
    assert spell(Prefix.NODE, acme.internal) in targets(trail_of(acme, acme.caller(acme.ada)))


def test_an_address_tells_no_more(acme: Halves) -> None:
    """Who asks by an address is told of the inside alone, as without it (S30)."""
    sought = Sought(networks=networks([f"{ORIGIN.address}/32"]))
    outside = spell(Prefix.NODE, acme.internal)
    assert outside in targets(trail_of(acme, acme.caller(acme.ada), sought))
    for caller in (acme.auditor(), acme.token()):
        assert targets(trail_of(acme, caller, sought)) == {spell(Prefix.NODE, acme.press)}


def test_a_token_is_not_told_what_its_owner_did_elsewhere(acme: Halves) -> None:
    """A token's own deeds are its own; what its owner did signed in the owner reads."""
    person = structs.replace(acme.token(), method=Method.SESSION)
    assert spell(Prefix.NODE, acme.internal) in targets(trail_of(acme, person))
    assert spell(Prefix.NODE, acme.internal) not in targets(trail_of(acme, acme.token()))


@pytest.mark.parametrize("of", ["internal", "unknown", "trashed"])
def test_a_filter_by_what_is_outside_is_refused(acme: Halves, of: str) -> None:
    """A target out of reach is refused alike, be it there, in the trash or nowhere (Q12, S30)."""
    with acme.acting(acme.ada) as work:
        trashed = tree.create_folder(work, acme.press, "gone").id
    with acme.acting(acme.ada) as work:
        tree.trash(work, trashed)
    named = {"internal": acme.internal, "unknown": UNKNOWN, "trashed": trashed}[of]
    auditor = acme.auditor()
    for text in (f"nod_{named}", str(named)):
        sought = Sought(targets=spellings(text))
        with pytest.raises(Denied) as refused:
            trail_of(acme, acme.token(), sought)
        assert refused.value.code is Code.OUTSIDE_ROOT_NODES
        with pytest.raises(NotFound):
            trail_of(acme, auditor, sought)


def test_a_person_is_found_by_digits(acme: Halves) -> None:
    """What stands in no tree is found by its id in either spelling, under any restriction (X2)."""
    ben = acme.hire("Ben", "reader")
    for text in (f"usr_{ben}", str(ben)):
        found = trail_of(acme, acme.token(), Sought(targets=spellings(text)))
        assert [one.operation for one in found] == ["user.enroll"]


def test_the_bound_follows_the_node(acme: Halves) -> None:
    """What moves out of the roots takes its past with it, and what moves in brings it (S27)."""
    caller = acme.auditor()
    with acme.acting(acme.ada) as work:
        tree.move(work, acme.internal, acme.press)
    assert spell(Prefix.NODE, acme.internal) in targets(trail_of(acme, caller))
    with acme.acting(acme.ada) as work:
        tree.move(work, acme.internal, acme.root)
    assert targets(trail_of(acme, caller)) == {spell(Prefix.NODE, acme.press)}


def test_a_file_of_the_trail_is_bounded_too(acme: Halves) -> None:
    """What is exported is what the list tells, and the same filter is refused (S30)."""
    caller = acme.auditor()
    with acme.office.read(caller, ORIGIN) as work:
        pages = export_entries(work, acme.office.database, Sought())
    told = [one for page in pages for one in page.items]
    assert targets(told) == {spell(Prefix.NODE, acme.press)}
    outside = Sought(targets=(spell(Prefix.NODE, acme.internal),))
    with pytest.raises(NotFound), acme.office.read(caller, ORIGIN) as work:
        export_entries(work, acme.office.database, outside)


def test_an_auditor_of_everything_reads_everything(acme: Halves) -> None:
    """Roots bound the scope that they are given with: who audits all audits all."""
    caller = acme.auditor(
        Term(Scope.AUDIT_READ.bit), Term(Scope.CONTENT_READ.bit, frozenset({acme.press}))
    )
    assert spell(Prefix.NODE, acme.internal) in targets(trail_of(acme, caller))


def test_roles_tell_no_roots_outside(acme: Halves, clock: StandingClock) -> None:
    """Of other roles' roots a restricted token is shown those that its own cover (S30)."""
    both = acme.role("both", Scope.CONTENT_READ, roots=frozenset({acme.press, acme.internal}))
    away = acme.role("away", Scope.CONTENT_READ, roots=frozenset({acme.internal}))
    clock.move_on(seconds=1)
    look, free = before(acme, acme.token()), before(acme, acme.caller(acme.ada))
    listed = {one["attributes"]["name"]: one for one in look("GET", "/cma/roles").json["data"]}
    shown = {name: one["attributes"]["roots"] for name, one in listed.items()}
    assert (shown["both"], shown["away"], shown["admin"]) == ([str(acme.press)], [], None)
    for role, seen in ((both, [str(acme.press)]), (away, [])):
        told = look("GET", f"/cma/roles/{role.id}").json["data"]["attributes"]["roots"]
        assert told == seen
        whole = free("GET", f"/cma/roles/{role.id}").json["data"]["attributes"]["roots"]
        assert whole == [str(root) for root in sorted(role.roots or ())]


def test_a_token_with_roots_makes_no_role_beyond_them(acme: Halves) -> None:
    """A restricted token hands on what lies inside its restriction alone, by roles too (I3)."""
    inside = acme.role("inside", Scope.CONTENT_READ, roots=frozenset({acme.press}))
    away = acme.role("away", Scope.CONTENT_READ, roots=frozenset({acme.internal}))
    caller, reads = acme.token(Method.SERVICE), Scope.CONTENT_READ.bit
    for roots in (None, frozenset({acme.internal}), frozenset({acme.press, acme.internal})):
        with pytest.raises(Denied), acme.office.work(caller, ORIGIN) as work:
            create_role(work, "new", reads, roots)
        with pytest.raises(Denied), acme.office.work(caller, ORIGIN) as work:
            edit_role(work, inside.id, partial(replace, roots=roots))
    with pytest.raises(Denied), acme.office.work(caller, ORIGIN) as work:
        edit_role(work, away.id, partial(replace, roots=frozenset({acme.press})))
    with acme.office.work(caller, ORIGIN) as work:
        made = create_role(work, "new", reads, frozenset({acme.press}))
    with acme.office.work(caller, ORIGIN) as work:
        assert create_role(work, "empty", 0).roots is None
    assert made.roots == frozenset({acme.press})
