"""The catalog: what a registered API serves out of the tree, under a scope of its own."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import ALL_BUILT_IN, EVERY_SCOPE
from counterfoil.content import catalog
from counterfoil.content.catalog import Sought, list_entities
from counterfoil.content.define_type import create_content_type, list_content_types
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.tree import create_folder, move, trash
from counterfoil.content.write import create_entry
from counterfoil.directory.register_api import retire
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Denied, Invalid
from counterfoil.kernel.ids import ContentTypeId
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import ORIGIN, START, StandingClock
from support.workshop import Workshop


@pytest.fixture
def shop(any_database: Database, clock: StandingClock, entropy: Entropy) -> Workshop:
    return Workshop(any_database, clock, entropy)


def test_what_is_published_is_listed_in_order(shop: Workshop, clock: StandingClock) -> None:
    """The catalog holds its published entities as they were published, the oldest first (X12)."""
    first = shop.service("Login", description="Lets people in")
    clock.move_on(hours=1)
    shop.service("Billing", owner_teams=[{"id": "t1", "name": "Money"}])
    shop.entry({"identifier": "draft", "name": "Draft", "type": "service"}, out=False)
    found = shop.page()
    assert [one.said["identifier"] for one in found.items] == ["login", "billing"]
    assert found.last is None
    assert (found.items[0].id, found.items[0].said["description"]) == (first, "Lets people in")
    assert [one.updated_at for one in found.items] == [START, clock.now]


def test_the_scope_alone_opens_it(shop: Workshop) -> None:
    """catalog:read opens the catalog without any scope over content, and nothing else does (X4)."""
    shop.service("Login")
    assert shop.seen() == ["login"]
    for terms in ((Term(ALL_BUILT_IN),), ()):
        grant = Grant(terms)
        caller = Caller(shop.id, shop.ada, Method.PERSONAL, grant)
        with pytest.raises(Denied) as refused:
            shop.page(caller)
        assert (refused.value.code, refused.value.meta) == (
            Code.INSUFFICIENT_SCOPE,
            {"scope": "catalog:read"},
        )
    with shop.office.read(shop.bearer(), ORIGIN) as work, pytest.raises(Denied):
        list_content_types(work, 10)


def test_what_the_organization_does_not_support_opens_nothing(shop: Workshop) -> None:
    """When its API retires the catalog is closed, to those who hold every scope too (X5)."""
    shop.service("Login")
    everything = shop.bearer(terms=(Term(EVERY_SCOPE),))
    assert shop.seen(everything) == ["login"]
    with shop.acting(shop.ada) as work:
        retire(work, shop.api.id)
    for caller in (everything, shop.bearer()):
        with pytest.raises(Denied):
            shop.page(caller)


def test_roots_bound_it(shop: Workshop) -> None:
    """A token sees the entities in its roots, and so does a role, wherever they move (Q13, S30)."""
    with shop.acting(shop.ada) as work:
        money = create_folder(work, shop.folder, "money").id
    shop.service("Login")
    billing = shop.service("Billing", money)
    inside = shop.bearer(frozenset({money}))
    assert shop.seen(inside) == ["billing"]
    assert shop.seen(shop.bearer(frozenset())) == []
    term = Term(1 << shop.read, frozenset({money}))
    assert shop.seen(shop.bearer(terms=(term,))) == ["billing"]
    other = Term(1 << shop.read + 1)
    assert shop.seen(shop.bearer(terms=(term, other))) == ["billing"]
    with shop.acting(shop.ada) as work:
        move(work, billing, shop.folder)
    assert shop.seen(inside) == []


def test_what_leaves_delivery_leaves_the_catalog(shop: Workshop) -> None:
    """Unpublished and trashed entities are gone, and entries of other types never were (S33)."""
    login, billing = shop.service("Login"), shop.service("Billing")
    with shop.acting(shop.ada) as work:
        page = create_content_type(work, "page", "Page", "urn:test:page", {"type": "object"})
    with shop.acting(shop.ada) as work:
        said = {"identifier": "page", "name": "Page", "type": "service"}
        publish(work, create_entry(work, shop.folder, ContentTypeId(page.id), said).id)
    with shop.acting(shop.ada) as work:
        unpublish(work, login)
        trash(work, billing)
    assert shop.seen() == []


def test_it_is_searched_by_type_and_term(shop: Workshop) -> None:
    """A search finds by type, and by what stands in identifier, name or description (X12)."""
    shop.service("Login", description="Lets PEOPLE in")
    shop.service("Billing")
    shop.entry({"identifier": "money", "name": "Money", "type": "domain"})
    assert shop.seen(type="domain") == ["money"]
    assert shop.seen(term="BILL") == ["billing"]
    assert shop.seen(term="people") == ["login"]
    assert shop.seen(type="service", term="o") == ["login"]
    assert shop.seen(type="", term="") == []


@pytest.mark.parametrize("sought", [{}, {"type": "service"}], ids=["all", "some"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_pages_hold_each_entity_once(shop: Workshop, size: int, sought: dict[str, Any]) -> None:
    """Page after page every entity comes once, and the last page says that it is (S35)."""
    names = [f"s{number}" for number in range(5)]
    for number, name in enumerate(names):
        shop.service(name)
        shop.entry({"identifier": f"d{number}", "name": "D", "type": "domain"})
    met: list[str] = []
    after = None
    for _ in range(20):
        found = shop.page(size=size, after=after, **sought)
        assert len(found.items) <= size
        met += [one.said["identifier"] for one in found.items]
        after = found.last
        if after is None:
            break
    assert sorted(met) == sorted(names if sought else [*names, *(f"d{n}" for n in range(5))])


def test_a_search_gives_up_for_now(
    shop: Workshop, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search for the rare looks at a bounded number at a time, and says where it was (S38)."""
    monkeypatch.setattr(catalog, "_BATCH", 2)
    monkeypatch.setattr(catalog, "MOST_LOOKED_AT", 4)
    for number in range(5):
        shop.service(f"s{number}")
    clock.move_on(seconds=1)
    shop.entry({"identifier": "rare", "name": "Rare", "type": "domain"})
    first = shop.page(type="domain")
    assert first.items == []
    assert first.last is not None
    second = shop.page(type="domain", after=first.last)
    assert [one.said["identifier"] for one in second.items] == ["rare"]
    assert second.last is None


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Login", "type": "service"},
        {"identifier": "", "name": "Login", "type": "service"},
        {"identifier": "login", "name": "Login", "type": "service", "colour": "red"},
        {"identifier": "login", "name": "Login", "type": "service", "owner_teams": [{"id": "1"}]},
    ],
)
def test_an_entity_is_held_to_its_shape(shop: Workshop, said: dict[str, Any]) -> None:
    """What is no entity does not get into the catalog (S38)."""
    with pytest.raises(Invalid):
        shop.entry(said)
    assert shop.seen() == []


def test_other_organizations_have_no_catalog(shop: Workshop) -> None:
    """Without a registered API that brings the scope along nobody lists entities (X5, S25)."""
    shop.service("Login")
    beta = Company(shop.office, "Beta")
    with pytest.raises(Denied), beta.looking(beta.ada) as work:
        list_entities(work, Sought())
    with beta.acting(beta.ada) as work:
        assert list_content_types(work, 10).items == []
    gamma = Company(shop.office, "Gamma", preset="dx")
    with gamma.looking(gamma.ada) as work:
        assert list_entities(work, Sought()).items == []
