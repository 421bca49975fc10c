"""Filters by what properties hold, on each surface and in each locale."""

from __future__ import annotations

from sqlalchemy import func, select

from counterfoil.content import trash, write
from counterfoil.content.store import tables
from support.content import token
from support.harbour import BASES, OF, Harbour


def test_filters_of_every_kind(harbour: Harbour) -> None:
    """A filter compares numbers as numbers and texts as texts, on each surface alike."""
    harbour.make("a", name="Anchor", rank=-5, price=1.5, open=True, tags=["x"])
    harbour.make("b", name="Buoy", rank=3, price=10, open=False)
    harbour.make("c", name="Crane", rank=20, price=9)
    harbour.make("d", name="anchor", rank=None)
    for base in BASES:
        for query, expected in (
            ("[name]=Anchor", "a"),
            ("[name]=anchor", "d"),
            ("[name][in]=Anchor,Crane", "ac"),
            ("[name][gte]=Buoy", "bcd"),
            ("[name][lt]=B", "a"),
            ("[rank]=3", "b"),
            ("[rank]=3.0", "b"),
            ("[rank][gt]=-5", "bc"),
            ("[rank][gte]=-5", "abc"),
            ("[rank][lte]=3", "ab"),
            ("[price][lt]=9.5", "ac"),
            ("[price][gt]=1e0", "abc"),
            ("[open]=true", "a"),
            ("[open][exists]=true", "ab"),
            ("[open][exists]=false", "cd"),
            ("[tags][exists]=true", "a"),
            ("[rank][exists]=false", "d"),
            ("[rank][gt]=0&filter[fields][price][lt]=9.5", "c"),
            ("[name]=nobody", ""),
        ):
            found = harbour.seen(f"filter[fields]{query}&sort=slug", base)
            assert "".join(found) == expected, query


def test_lists_are_asked_what_they_hold(harbour: Harbour) -> None:
    """A list is found by one value that it holds, by any of several, and by all of them."""
    harbour.make("a", tags=["red", "blue", "red"], ranks=[1, 2.5], mottos={"de": ["eins"]})
    harbour.make("b", tags=["blue", "a,b"], ranks=[-7], mottos={"en": ["eins"]})
    harbour.make("c", tags=[], ranks=None, name="red")
    for base in BASES:
        for query, expected in (
            ("[tags][has]=red", "a"),
            ("[tags][has]=blue", "ab"),
            ("[tags][has]=Blue", ""),
            ("[tags][has]=a,b", "b"),
            ("[tags][has_any]=red,green", "a"),
            ("[tags][has_any]=red,blue", "ab"),
            ("[tags][has_all]=red,blue", "a"),
            ("[tags][has_all]=red,green", ""),
            ("[tags][has]=blue&filter[fields][ranks][has]=-7", "b"),
            ("[ranks][has]=2.50", "a"),
            ("[ranks][has_any]=1,-7", "ab"),
            ("[mottos][has]=eins", "b"),
        ):
            found = harbour.seen(f"filter[fields]{query}&sort=slug", base)
            assert "".join(found) == expected, query
    assert harbour.seen("filter[fields][mottos][has]=eins&locale=de") == ["a"]


def test_what_a_list_held(harbour: Harbour) -> None:
    """What a list holds no more, or not on this surface, finds nothing."""
    dock = harbour.make("dock", tags=["old"])
    with harbour.garden.work() as work:
        write.edit_entry(work, dock, {"tags": ["new"]})

    def found(tag: str, base: str) -> list[str]:
        return list(harbour.seen(f"filter[fields][tags][has]={tag}", base))

    assert (found("old", "/cda"), found("new", "/cda")) == (["dock"], [])
    assert (found("old", "/cma"), found("new", "/cma")) == ([], ["dock"])
    harbour.garden.trash(dock)
    assert found("old", "/cda") == found("new", "/cma") == []
    with harbour.garden.work() as work:
        trash.destroy(work, dock)
    with harbour.garden.office.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(tables.members)) == 0


def test_a_list_tells_of_nobody_outside(harbour: Harbour) -> None:
    """A list of references is asked for nodes that the caller sees, and for no others (S30)."""
    far, near = harbour.make("far", harbour.outside), harbour.make("near")
    harbour.make("both", all_near=[str(far), str(near)])
    harbour.make("out", harbour.outside, all_near=[str(near)])
    ask = f"filter[fields][all_near][has]={near}"
    assert sorted(harbour.seen(ask)) == ["both", "out"]
    visitor = token(harbour.inside)
    assert harbour.seen(ask, caller=visitor) == ["both"]
    refusals = {
        harbour.refused(f"{OF}[all_near][{op}]={id_}", visitor)
        for op in ("has", "has_any", "has_all")
        for id_ in (f"{far}", "1234567890123456", "x")
    }
    assert refusals == {(403, "OUTSIDE_ROOT_NODES")}


def test_a_locale_is_filtered_and_sorted_by(harbour: Harbour) -> None:
    """Localized properties are compared in the asked locale, or else in the default one."""
    harbour.make("a", motto={"en": "one", "de": "zwei"})
    harbour.make("b", motto={"en": "two", "de": "eins"})
    assert harbour.seen("filter[fields][motto]=one") == ["a"]
    assert harbour.seen("filter[fields][motto]=zwei") == []
    assert harbour.seen("filter[fields][motto]=zwei&locale=de") == ["a"]
    assert harbour.seen("sort=fields.motto") == ["a", "b"]
    assert harbour.seen("sort=fields.motto&locale=de") == ["b", "a"]
