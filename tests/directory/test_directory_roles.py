"""Custom roles, on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.role import BUILT_IN, Role
from counterfoil.access.scope import EVERY_SCOPE, FIRST_CUSTOM, NO_SCOPES, Scope, join, split
from counterfoil.directory.api import ApiWish
from counterfoil.directory.define_role import create_role, delete_role, edit_role
from counterfoil.directory.enroll import assign
from counterfoil.directory.register_api import create_api
from counterfoil.directory.show import list_roles, show_role
from counterfoil.feed.event import RoleRecorded, RoleStruck
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound, Stale
from counterfoil.kernel.ids import NodeId, RoleId
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import StandingClock, office_on


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def widened(role: Role) -> Role:
    return replace(role, scopes=role.scopes | Scope.CONTENT_PUBLISH.bit)


def test_four_roles_are_there_from_the_start(acme: Company) -> None:
    """An organization begins with admin, developer, editor and reader (X5)."""
    with acme.looking(acme.ada, Method.SERVICE) as work:
        roles = list_roles(work)
    assert {role.name: role.scopes for role in roles} == BUILT_IN
    assert all(role.built_in and role.roots is None for role in roles)


def test_a_role_is_made_and_the_gates_hear_of_it(acme: Company) -> None:
    """A custom role is a set of scopes and, if wanted, of roots (X5)."""
    before = acme.head()
    with acme.acting(acme.ada) as work:
        role = create_role(work, " Press ", Scope.CONTENT_READ.bit, frozenset({acme.root}))
    assert (role.name, role.roots) == ("Press", frozenset({acme.root}))
    assert acme.events(before) == [
        RoleRecorded(
            organization=acme.id,
            role=role.id,
            scopes=Scope.CONTENT_READ.bit,
            roots=(acme.root,),
        )
    ]
    with acme.looking(acme.ada) as work:
        assert show_role(work, role.id) == role


def test_no_roots_are_not_all_roots(acme: Company) -> None:
    """An empty set of roots comes back empty, and does not become everywhere (S27)."""
    role = acme.role("nowhere", Scope.CONTENT_READ, roots=frozenset())
    with acme.looking(acme.ada) as work:
        assert show_role(work, role.id).roots == frozenset()


def test_an_edit_changes_the_role_and_nothing_else(acme: Company) -> None:
    """A role's edit is one event of the role; whoever holds it can do more at once (G8, X18)."""
    press = acme.role("press", Scope.CONTENT_READ)
    ben, before = acme.hire("Ben", "press"), acme.head()
    with acme.acting(acme.ada) as work:
        edit_role(work, press.id, widened, 1)
    assert acme.events(before) == [
        RoleRecorded(organization=acme.id, role=press.id, scopes=widened(press).scopes)
    ]
    assert acme.member(ben).terms[0].scopes & Scope.CONTENT_PUBLISH.bit
    with pytest.raises(Stale), acme.acting(acme.ada) as work:
        edit_role(work, press.id, lambda role: replace(role, name="other"), 1)


def test_a_new_name_is_no_news_to_the_gates(acme: Company) -> None:
    """Renaming a role moves its version and not the feed."""
    press, before = acme.role("press", Scope.CONTENT_READ), acme.head()
    with acme.acting(acme.ada) as work:
        renamed = edit_role(work, press.id, lambda role: replace(role, name="Media"))
        again = edit_role(work, press.id, lambda role: role)
    assert (renamed.name, renamed.version, again.version) == ("Media", 2, 2)
    assert acme.head() == before


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_built_in_roles_stay_as_they_are(acme: Company, name: str) -> None:
    """Nobody edits or deletes a built-in role (X7)."""
    role = acme.roles[name]
    with pytest.raises(Conflict), acme.acting(acme.ada) as work:
        edit_role(work, role.id, lambda role: replace(role, scopes=NO_SCOPES))
    with pytest.raises(Conflict), acme.acting(acme.ada) as work:
        delete_role(work, role.id)
    assert acme.member(acme.ada).is_admin


def test_a_role_in_use_is_not_deleted(acme: Company) -> None:
    """A role goes when no member holds it any more, and its name is free again (S21)."""
    press = acme.role("press", Scope.CONTENT_READ)
    ben = acme.hire("Ben", "press")
    with pytest.raises(Conflict) as refusal, acme.acting(acme.ada) as work:
        delete_role(work, press.id)
    assert (refusal.value.code, refusal.value.meta) == (Code.IN_USE, {"members": 1})
    before = acme.head()
    with acme.acting(acme.ada) as work:
        assign(work, ben, [])
        delete_role(work, press.id)
    assert acme.events(before)[-1] == RoleStruck(organization=acme.id, role=press.id)
    assert acme.role("press").id != press.id


def test_a_name_is_taken_whatever_its_case(acme: Company) -> None:
    """No role passes for another by its spelling (S26)."""
    for name in ("ADMIN", "\uff41dmin"):
        with pytest.raises(Conflict) as refusal, acme.acting(acme.ada) as work:
            create_role(work, name, NO_SCOPES)
        assert refusal.value.code is Code.NAME_TAKEN
    press = acme.role("press")
    with pytest.raises(Conflict), acme.acting(acme.ada) as work:
        edit_role(work, press.id, lambda role: replace(role, name="Editor"))


def test_nobody_defines_a_role_beyond_their_own(acme: Company) -> None:
    """Making, widening, narrowing or deleting a role needs all that it holds oneself (D11)."""
    acme.role("modeller", Scope.ROLES_MANAGE, Scope.CONTENT_READ)
    strong = acme.role("strong", Scope.TOKENS_APPROVE)
    weak = acme.role("weak", Scope.CONTENT_READ)
    eve = acme.hire("Eve", "modeller")
    with pytest.raises(Denied), acme.acting(eve) as work:
        create_role(work, "mine", EVERY_SCOPE)
    with pytest.raises(Denied), acme.acting(eve) as work:
        edit_role(work, weak.id, widened)
    with pytest.raises(Denied), acme.acting(eve) as work:
        edit_role(work, strong.id, lambda role: replace(role, scopes=NO_SCOPES))
    with pytest.raises(Denied), acme.acting(eve) as work:
        delete_role(work, strong.id)
    with acme.acting(eve) as work:
        edit_role(work, weak.id, lambda role: replace(role, scopes=NO_SCOPES))


def test_api_tokens_make_roles_within_their_own(acme: Company) -> None:
    """An API token makes and removes roles, and none beyond its own authority (D11)."""
    eve = acme.hire("Eve", "developer")
    with acme.acting(acme.ada, Method.SERVICE) as work:
        made = create_role(work, "by program", NO_SCOPES)
        delete_role(work, made.id)
    with pytest.raises(Denied), acme.acting(eve, Method.SERVICE) as work:
        create_role(work, "other", NO_SCOPES)


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.EXCHANGED])
def test_no_personal_token_manages_roles(acme: Company, method: Method) -> None:
    """No personal token manages roles, not even an admin's, nor what was exchanged (S17)."""
    press = acme.role("press")
    with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
        create_role(work, "other", NO_SCOPES)
    with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
        edit_role(work, press.id, widened)
    with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
        delete_role(work, press.id)


def test_a_root_must_stand_in_ones_own_tree(acme: Company) -> None:
    """An unknown node and another organization's are no roots (S25)."""
    beta = Company(acme.office, "Beta")
    for root in (NodeId(10**15), beta.root):
        with pytest.raises(Invalid) as refusal, acme.acting(acme.ada) as work:
            create_role(work, "press", NO_SCOPES, frozenset({acme.root, root}))
        assert refusal.value.field == "/data/attributes/roots"


def test_another_organizations_role_is_unknown(acme: Company) -> None:
    """A role's id opens nothing in another organization, for any verb (S25)."""
    beta = Company(acme.office, "Beta")
    theirs = beta.role("press")
    ben = acme.hire("Ben", "reader")
    for id_ in (theirs.id, RoleId(10**15)):
        with pytest.raises(NotFound), acme.looking(acme.ada) as work:
            show_role(work, id_)
        with pytest.raises(NotFound), acme.acting(acme.ada) as work:
            edit_role(work, id_, widened)
        with pytest.raises(NotFound), acme.acting(acme.ada) as work:
            delete_role(work, id_)
        with pytest.raises(Invalid), acme.acting(acme.ada) as work:
            assign(work, ben, [id_])


def test_custom_scopes_survive_the_store(acme: Company) -> None:
    """A role keeps the scopes of registered APIs beside the built-in ones, and no others (X5)."""
    mask = join(Scope.CONTENT_READ.bit, (FIRST_CUSTOM, FIRST_CUSTOM + 70))
    with pytest.raises(Invalid) as refusal, acme.acting(acme.ada) as work:
        create_role(work, "api", mask)
    assert refusal.value.field == "/data/attributes/scopes"
    with acme.acting(acme.ada) as work:
        create_api(work, ApiWish("Api", "api", [(f"do:it{number}", "") for number in range(71)]))
    before = acme.head()
    with acme.acting(acme.ada) as work:
        role = create_role(work, "api", mask)
    with acme.looking(acme.ada) as work:
        assert show_role(work, role.id).scopes == mask
    told = acme.events(before)[0]
    assert isinstance(told, RoleRecorded)
    assert (told.scopes, told.custom) == split(mask)


def test_a_role_has_few_roots(acme: Company) -> None:
    """A role has at most a hundred roots, so that its holders' reads stay what they are (S38)."""
    roots = frozenset(NodeId(10**15 + number) for number in range(101))
    with pytest.raises(Invalid, match="100 roots"):
        acme.role("wide", Scope.CONTENT_READ, roots=roots)
