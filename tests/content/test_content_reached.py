"""How many nodes and content types somebody would reach, and that it is told of no others."""

from __future__ import annotations

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope, Scopes, scopes
from counterfoil.access.surface import Surface
from counterfoil.content import Reached, reached
from counterfoil.kernel.ids import NodeId
from support.content import Garden

READ = scopes(Scope.CONTENT_READ)
TYPES = scopes(Scope.CONTENT_TYPES_READ)


def count(garden: Garden, held: Scopes, *surfaces: Surface, **how: object) -> Reached:
    """Return what a grant of these scopes reaches, let in there; `roots`, `far` as they say."""
    roots, far = how.get("roots"), how.get("far", 100)
    assert isinstance(far, int)
    assert roots is None or isinstance(roots, frozenset)
    grant = Grant((Term(held, roots),), surfaces=sum(one.bit for one in surfaces))
    with garden.office.database.reading() as tx:
        return reached(tx, garden.organization, grant, far)


def stocked(garden: Garden) -> NodeId:
    """Make a site with a published post and a note in draft; elsewhere a page of another type."""
    site, other = garden.folder(garden.root, "site"), garden.folder(garden.root, "other")
    garden.entry(site, "post", published=True)
    garden.told(site, garden.shaped("note"), "note", published=False)
    garden.told(other, garden.shaped("page"), "page")
    return site


def test_what_is_counted_is_what_is_shown(any_garden: Garden) -> None:
    """Drafts count where drafts are shown, and of what is outside the roots nothing does (S30)."""
    site = stocked(any_garden)
    here = frozenset({site})
    assert count(any_garden, READ, Surface.PREVIEW, roots=here) == Reached(types=2, nodes=3)
    assert count(any_garden, READ, Surface.DELIVERY, roots=here) == Reached(types=1, nodes=2)
    assert count(any_garden, READ, *Surface, roots=frozenset()) == Reached()
    assert count(any_garden, READ, roots=here) == Reached()
    assert count(any_garden, READ, *Surface) == Reached(types=3, nodes=6)


def test_every_type_counts_for_who_is_shown_every_type(any_garden: Garden) -> None:
    """Whoever may list content types reaches them all, also where they meet no entry of them."""
    site = frozenset({stocked(any_garden)})
    managed = Surface.MANAGEMENT
    assert count(any_garden, READ | TYPES, managed, roots=site) == Reached(types=3, nodes=3)
    assert count(any_garden, TYPES, managed) == Reached(types=3, nodes=0)
    assert count(any_garden, READ | TYPES, Surface.DELIVERY, roots=site).types == 1


def test_it_is_not_counted_for_ever(any_garden: Garden) -> None:
    """Behind so many nodes it is not looked, and the count says that there may be more."""
    site = frozenset({stocked(any_garden)})
    whole = count(any_garden, READ, Surface.PREVIEW, roots=site, far=3)
    assert (whole.nodes, whole.all_nodes, whole.all_types) == (3, True, True)
    part = count(any_garden, READ, Surface.PREVIEW, roots=site, far=2)
    assert (part.nodes, part.all_nodes, part.all_types) == (2, False, False)
    every = count(any_garden, READ, Surface.PREVIEW, far=2)
    assert (every.nodes, every.types, every.all_nodes, every.all_types) == (2, 3, False, True)
