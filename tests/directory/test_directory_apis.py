"""Registered APIs and their scopes, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import FIRST_CUSTOM, Scope
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.define_role import create_role, edit_role
from counterfoil.directory.enroll import assign
from counterfoil.directory.register_api import create_api, edit_api, retire
from counterfoil.directory.rules_api import MOST_APIS, MOST_SCOPES
from counterfoil.directory.show import list_apis, list_scopes, show_api, show_role
from counterfoil.feed.event import ApiRecorded, ApiStruck, RoleRecorded, ScopeRecord
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound, Stale
from counterfoil.kernel.ids import ApiId
from counterfoil.operation import Work
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import StandingClock, office_on

READ, WRITE = ("shop:read", "Read orders"), ("shop:write", "Write orders")


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def register(company: Company, *scopes: tuple[str, str], name: str = "Shop") -> Api:
    wish = ApiWish(name, f"https://{name.lower()}.test/", scopes or (READ, WRITE))
    with company.acting(company.ada) as work:
        return create_api(work, wish)


def change(company: Company, api: Api, *scopes: tuple[str, str]) -> Api:
    with company.acting(company.ada) as work:
        return edit_api(work, api.id, ApiWish(scopes=scopes))


def words(company: Company) -> Vocabulary:
    with company.office.database.reading() as tx:
        return directory.vocabulary(tx, company.id)


def test_an_api_brings_its_scopes_along(acme: Company) -> None:
    """What is registered is supported from then on, and the gates hear its numbers (X5)."""
    before = acme.head()
    api = register(acme)
    assert [(one.name, one.number) for one in api.scopes] == [
        ("shop:read", FIRST_CUSTOM),
        ("shop:write", FIRST_CUSTOM + 1),
    ]
    assert acme.events(before) == [
        ApiRecorded(
            organization=acme.id,
            api=api.id,
            scopes=(
                ScopeRecord("shop:read", FIRST_CUSTOM),
                ScopeRecord("shop:write", FIRST_CUSTOM + 1),
            ),
        )
    ]
    assert words(acme).read(["shop:write"]) == 1 << FIRST_CUSTOM + 1
    with acme.looking(acme.ada, Method.PERSONAL) as work:
        assert list_apis(work) == [api]
        assert show_api(work, api.id) == api


def test_a_number_is_never_given_again(acme: Company) -> None:
    """A retired scope that is registered anew is another scope, which nobody holds yet (X5)."""
    api = register(acme)
    with acme.acting(acme.ada) as work:
        old = create_role(work, "seller", words(acme).read(["shop:write"]))
    api = change(acme, api, READ)
    again = change(acme, api, READ, WRITE)
    assert [one.number for one in again.scopes] == [FIRST_CUSTOM, FIRST_CUSTOM + 2]
    with acme.acting(acme.ada) as work:
        retire(work, again.id)
    third = register(acme)
    assert [one.number for one in third.scopes] == [FIRST_CUSTOM + 3, FIRST_CUSTOM + 4]
    with acme.looking(acme.ada) as work:
        assert words(acme).spell(show_role(work, old.id).scopes) == ()


def test_an_edit_keeps_what_it_does_not_name(acme: Company) -> None:
    """Scopes keep their numbers through every edit, and a new description is no news."""
    api, before = register(acme), acme.head()
    with acme.acting(acme.ada) as work:
        named = edit_api(work, api.id, ApiWish(name="Store"), api.version)
        worded = edit_api(work, api.id, ApiWish(scopes=[WRITE, ("shop:read", "Look")]))
        again = edit_api(work, api.id, ApiWish())
    assert (named.name, named.scopes, named.version) == ("Store", api.scopes, 2)
    assert [one.number for one in worded.scopes] == [FIRST_CUSTOM, FIRST_CUSTOM + 1]
    assert worded.scopes[0].description == "Look"
    assert again == worded
    assert acme.head() == before
    with acme.looking(acme.ada) as work:
        assert show_api(work, api.id) == worded
    with pytest.raises(Stale), acme.acting(acme.ada) as work:
        edit_api(work, api.id, ApiWish(name="Other"), 1)
    with pytest.raises(Stale), acme.acting(acme.ada) as work:
        retire(work, api.id, 1)


def test_what_is_retired_leaves_the_roles(acme: Company) -> None:
    """A role says no more than it gives: its retired scopes go at once, at the gates too (X18)."""
    api = register(acme)
    both = words(acme).read(["shop:read", "shop:write", "content:read"])
    with acme.acting(acme.ada) as work:
        seller = create_role(work, "seller", both)
        guest = create_role(work, "guest", Scope.CONTENT_READ.bit)
    before = acme.head()
    change(acme, api, READ)
    left = words(acme).read(["shop:read", "content:read"])
    told = [event for event in acme.events(before) if isinstance(event, RoleRecorded)]
    assert [(event.role, event.scopes, event.custom) for event in told] == [
        (seller.id, Scope.CONTENT_READ.bit, (FIRST_CUSTOM,))
    ]
    with acme.looking(acme.ada) as work:
        assert show_role(work, seller.id) == replace(seller, scopes=left, version=2)
        assert show_role(work, guest.id) == guest
    before = acme.head()
    with acme.acting(acme.ada) as work:
        retire(work, api.id)
    struck, role = acme.events(before)
    assert struck == ApiStruck(organization=acme.id, api=api.id)
    assert isinstance(role, RoleRecorded)
    assert role.custom == ()


def test_a_retired_api_is_no_more(acme: Company) -> None:
    """It is not found by any verb, its name and audience are free, its entries remain (R14)."""
    api = register(acme)
    with acme.acting(acme.ada) as work:
        retire(work, api.id)
    with pytest.raises(NotFound), acme.acting(acme.ada) as work:
        edit_api(work, api.id, ApiWish(name="x"))
    with pytest.raises(NotFound), acme.acting(acme.ada) as work:
        retire(work, api.id)
    with pytest.raises(NotFound), acme.looking(acme.ada) as work:
        show_api(work, api.id)
    with acme.looking(acme.ada) as work:
        assert list_apis(work) == []
    assert register(acme).id != api.id


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (ApiWish(name=" "), "name"),
        (ApiWish(name="x" * 201), "name"),
        (ApiWish(audience=""), "audience"),
        (ApiWish(audience="two words"), "audience"),
        (ApiWish(audience="ä"), "audience"),
        (ApiWish(audience="x" * 201), "audience"),
        (ApiWish(scopes=[("shop", "")]), "scopes/0/name"),
        (ApiWish(scopes=[READ, ("shop:read:all", "")]), "scopes/1/name"),
        (ApiWish(scopes=[("9:read", "")]), "scopes/0/name"),
        (ApiWish(scopes=[("shop:réad", "")]), "scopes/0/name"),
        (ApiWish(scopes=[("s" * 96 + ":read", "")]), "scopes/0/name"),
        (ApiWish(scopes=[("shop:read\n", "")]), "scopes/0/name"),
        (ApiWish(scopes=[("content:read", "")]), "scopes/0/name"),
        (ApiWish(scopes=[("Content:Read", "")]), "scopes/0/name"),
        (ApiWish(scopes=[READ, ("shop:Read", "")]), "scopes/1/name"),
        (ApiWish(scopes=[("shop:read", "x" * 301)]), "scopes/0/description"),
        (ApiWish(scopes=[("shop:read", "two\nlines")]), "scopes/0/description"),
    ],
)
def test_what_no_api_may_be_called(acme: Company, wish: ApiWish, field: str) -> None:
    """A wrong name, audience or scope is refused with the place where it stands (S38)."""
    api, before = register(acme, ("other:read", ""), name="Other"), acme.head()
    with pytest.raises(Invalid) as refused, acme.acting(acme.ada) as work:
        edit_api(work, api.id, wish)
    assert refused.value.field == f"/data/attributes/{field}"
    assert acme.head() == before


def test_a_spelling_belongs_to_one_api(acme: Company) -> None:
    """Two APIs share no scope, name or audience, however they are cased (X5)."""
    register(acme)
    for wish, field in (
        (ApiWish("SHOP", "b", ()), "name"),
        (ApiWish("B", "https://shop.test/", ()), "audience"),
        (ApiWish("B", "b", [("a:b", ""), ("Shop:Read", "")]), "scopes/1/name"),
    ):
        with pytest.raises(Conflict) as refused, acme.acting(acme.ada) as work:
            create_api(work, wish)
        assert refused.value.code is Code.NAME_TAKEN
        assert refused.value.field == f"/data/attributes/{field}"


def test_organizations_number_for_themselves(acme: Company) -> None:
    """One organization's API is unknown in another, and its scopes mean nothing there (S25)."""
    beta = Company(acme.office, "Beta")
    ours, theirs = register(acme), register(beta, ("desk:read", ""), name="Desk")
    assert theirs.scopes[0].number == ours.scopes[0].number
    with pytest.raises(Invalid):
        words(beta).read(["shop:read"])
    for id_ in (theirs.id, ApiId(10**15)):
        with pytest.raises(NotFound), acme.looking(acme.ada) as work:
            show_api(work, id_)
        with pytest.raises(NotFound), acme.acting(acme.ada) as work:
            edit_api(work, id_, ApiWish(name="x"))
        with pytest.raises(NotFound), acme.acting(acme.ada) as work:
            retire(work, id_)
    with beta.looking(beta.ada) as work:
        assert list_apis(work) == [theirs]


def test_apis_are_managed_by_people_with_the_scope(acme: Company) -> None:
    """Registering, changing and retiring needs apis:manage and a sign-in; no token does (G9)."""
    api = register(acme)
    ben = acme.hire("Ben", "developer")
    cem = acme.hire("Cem", acme.role("librarian", Scope.APIS_MANAGE).name)
    verbs: tuple[Callable[[Work], object], ...] = (
        lambda work: create_api(work, ApiWish("B", "b", ())),
        lambda work: edit_api(work, api.id, ApiWish(name="Store")),
        lambda work: retire(work, api.id),
    )
    for verb in verbs:
        with pytest.raises(Denied) as refused, acme.acting(ben) as work:
            verb(work)
        assert refused.value.meta == {"scope": "apis:manage"}
        for method in (Method.PERSONAL, Method.SERVICE, Method.EXCHANGED):
            with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
                verb(work)
    for verb in verbs:
        with acme.acting(cem) as work:
            verb(work)


def test_who_registers_a_scope_does_not_hold_it(acme: Company) -> None:
    """To register a scope gives it to nobody but those who hold them all (D11)."""
    cem = acme.hire("Cem", acme.role("librarian", Scope.APIS_MANAGE, Scope.ROLES_MANAGE).name)
    with acme.acting(cem) as work:
        create_api(work, ApiWish("Shop", "shop", [READ]))
    mask = words(acme).read(["shop:read"])
    with pytest.raises(Denied) as refused, acme.acting(cem) as work:
        create_role(work, "mine", mask)
    assert refused.value.meta == {"scopes": ["shop:read"]}
    with acme.acting(acme.ada) as work:
        role = create_role(work, "theirs", mask)
        assign(work, cem, [acme.roles["librarian"].id, role.id])
    with acme.acting(cem) as work:
        edit_role(work, role.id, lambda one: replace(one, name="ours"))


def test_the_list_says_what_there_is_and_what_one_may_give(acme: Company) -> None:
    """Every supported scope is listed with its API, and whether the caller's roles hold it (X6)."""
    api = register(acme)
    with acme.acting(acme.ada) as work:
        acme.roles["seller"] = create_role(work, "seller", words(acme).read(["shop:write"]))
    ben = acme.hire("Ben", "reader", "seller")
    with acme.looking(ben) as work:
        found = {one.name: one for one in list_scopes(work)}
    assert set(found) == {*map(str, Scope), "shop:read", "shop:write"}
    assert {name for name, one in found.items() if one.grantable} == {
        "content:read",
        "content-types:read",
        "assets:read",
        "shop:write",
    }
    assert (found["shop:read"].api, found["shop:read"].description) == (api, "Read orders")
    assert found["content:read"].api is None


def test_there_is_a_limit_to_the_scopes_of_a_lifetime(acme: Company) -> None:
    """However often scopes are replaced, sets of them stay of a bounded size (S38)."""
    api = register(acme, ("a:b", ""))
    with acme.operating() as work:
        for number in range(MOST_SCOPES // 100 - 1):
            scopes = [(f"a{number}:b{one}", "") for one in range(100)]
            api = edit_api(work, api.id, ApiWish(scopes=scopes))
        api = edit_api(work, api.id, ApiWish(scopes=[(f"z:b{one}", "") for one in range(99)]))
    assert max(api.numbers) == FIRST_CUSTOM + MOST_SCOPES - 1
    with pytest.raises(Conflict) as refused, acme.operating() as work:
        edit_api(work, api.id, ApiWish(scopes=[("one:more", "")]))
    assert refused.value.field == "/data/attributes/scopes"


def test_there_is_a_limit_to_the_apis(acme: Company) -> None:
    """An organization registers so many APIs and no more (S38)."""
    with acme.operating() as work:
        for number in range(MOST_APIS):
            create_api(work, ApiWish(f"api {number}", f"a{number}", ()))
    with pytest.raises(Conflict), acme.operating() as work:
        create_api(work, ApiWish("one more", "more", ()))
