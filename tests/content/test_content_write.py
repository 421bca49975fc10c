"""Writing: drafts and versions, what is published of them, and in whose name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from counterfoil import content
from counterfoil.access.caller import Method
from counterfoil.access.grant import Term
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.content import tree, write
from counterfoil.content.define_type import delete_content_type, edit_content_type
from counterfoil.content.model import Asset, Hand, Status
from counterfoil.content.store import rows
from counterfoil.feed.event import NodePlaced
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId
from counterfoil.operation import ANY_CALLER, OPERATIONS, Work
from support.content import EDIT, GARDENER, READS, Garden, said, token
from support.trail import bodies


def test_publishing_decides_what_delivery_says(any_garden: Garden) -> None:
    """Delivery says what was published, preview what is drafted, whatever happens between (D9)."""
    post = any_garden.entry(any_garden.root, "post")
    assert said(any_garden, post, Surface.DELIVERY) is None
    assert said(any_garden, post, Surface.PREVIEW) == b'{"title":"post"}'
    with any_garden.work() as work:
        assert content.publish(work, post).status is Status.PUBLISHED
    with any_garden.work() as work:
        edited = write.edit_entry(work, post, {"title": "new"})
    assert edited.status is Status.UPDATED
    assert said(any_garden, post, Surface.DELIVERY) == b'{"title":"post"}'
    assert said(any_garden, post, Surface.PREVIEW) == b'{"title":"new"}'
    with any_garden.work() as work:
        content.publish(work, post)
    assert said(any_garden, post, Surface.DELIVERY) == b'{"title":"new"}'
    with any_garden.work() as work:
        assert content.unpublish(work, post).status is Status.DRAFT
    assert said(any_garden, post, Surface.DELIVERY) is None


def test_an_edit_changes_members_or_the_whole(garden: Garden) -> None:
    """An edit keeps what it does not name, unless it is of the whole; the same again is nothing."""
    post = garden.entry(garden.root, "post", text="body", rank=1)
    with garden.work() as work:
        write.edit_entry(work, post, {"rank": 2})
    assert said(garden, post, Surface.PREVIEW) == b'{"title":"post","text":"body","rank":2}'
    with garden.work() as work:
        whole = write.edit_entry(work, post, {"title": "alone"}, whole=True)
    assert said(garden, post, Surface.PREVIEW) == b'{"title":"alone"}'
    with garden.work() as work:
        again = write.edit_entry(work, post, {"title": "alone"})
    assert (again.draft, again.version) == (whole.draft, whole.version) == (3, 3)


def test_versions_keep_the_position_of_their_write(any_garden: Garden) -> None:
    """Each version stores the position at which its own write stands in the feed (S29)."""
    article = any_garden.article
    with any_garden.work() as work:
        post = write.create_entry(work, any_garden.root, article, {"title": "now"}, "post")
    first, made_at = any_garden.node(post.id), work.position
    any_garden.folder(any_garden.root, "meanwhile")
    with any_garden.work() as work:
        second = write.edit_entry(work, post.id, {"title": "later"})
    with any_garden.office.database.reading() as tx:
        assert first.draft is not None
        assert second.draft is not None
        before = rows.version(tx, first, first.draft).position
        after = rows.version(tx, second, second.draft).position
    told = {
        event.node: position
        for position, event in enumerate(any_garden.events(), 1)
        if isinstance(event, NodePlaced)
    }
    assert before == made_at == told[post.id]
    assert after == work.position == max(told.values())


def test_a_write_is_signed_by_user_and_token(any_garden: Garden) -> None:
    """What a token writes bears its user's name, and the trail names token and user (G7)."""
    post = any_garden.entry(any_garden.root, "post")
    visitor = token(may=EDIT)
    with any_garden.work(visitor) as work:
        write.edit_entry(work, post, {"title": "signed"})
    node = any_garden.node(post)
    assert node.created == Hand(any_garden.gardener.user, any_garden.gardener.token)
    assert node.updated == Hand(visitor.user, visitor.token)
    with any_garden.office.database.reading() as tx:
        last = bodies(tx)[-1]
    assert (last.operation, last.user_id, last.token_id, last.token_name, last.target) == (
        "entry.edit",
        GARDENER + 1,
        GARDENER + 2,
        "visitor",
        f"nod_{post}",
    )


def test_a_role_change_tells_on_the_next_write(garden: Garden) -> None:
    """A token does what its holder's live terms allow: granted, allowed; taken, 403 (G8)."""
    post = garden.entry(garden.root, "post")
    for may, code in ((EDIT, None), (READS, Code.INSUFFICIENT_SCOPE), (EDIT, None)):
        if code is None:
            with garden.work(token(may=may)) as work:
                write.edit_entry(work, post, {"rank": garden.node(post).version})
            continue
        with pytest.raises(Denied) as refusal, garden.work(token(may=may)) as work:
            write.edit_entry(work, post, {"rank": -1})
        assert refusal.value.code is code
    assert garden.node(post).version == 3


def test_publishing_asks_its_own_scope(garden: Garden) -> None:
    """Who may write may not therefore publish, and the other way round."""
    post = garden.entry(garden.root, "post")
    with pytest.raises(Denied), garden.work(token(may=EDIT)) as work:
        content.publish(work, post)
    publisher = token(may=scopes(Scope.CONTENT_READ, Scope.CONTENT_PUBLISH))
    with garden.work(publisher) as work:
        content.publish(work, post)
    with pytest.raises(Denied), garden.work(publisher) as work:
        write.edit_entry(work, post, {"title": "no"})


def test_every_kind_of_token_writes_content_alike() -> None:
    """Personal, service and exchanged tokens may do all that a session may with content."""
    mine = [
        one
        for name, one in OPERATIONS.items()
        if one.methods != {Method.SYSTEM}
        and name.startswith(("node.", "entry.", "asset.", "content_type.", "delivery.", "preview."))
    ]
    assert len(mine) >= 20
    for operation in mine:
        assert operation.methods == ANY_CALLER
        assert operation.requires is not None
        assert Method.SYSTEM not in operation.methods


def test_a_token_writes_on_the_management_surface_alone(garden: Garden) -> None:
    """A token that is let in at delivery and preview only changes nothing (D9)."""
    post = garden.entry(garden.root, "post")
    shown = token(surfaces=surfaces(Surface.DELIVERY, Surface.PREVIEW))
    with pytest.raises(Denied) as refusal, garden.work(shown) as work:
        write.edit_entry(work, post, {"title": "no"})
    assert refusal.value.code is Code.API_NOT_ENABLED_FOR_TOKEN


def outside_writes(garden: Garden, inside: NodeId, out: NodeId) -> list[Callable[[Work], object]]:
    """Every way to write with one foot or both outside."""
    post = garden.entry(inside, "mine")
    theirs = garden.entry(out, "theirs")
    trashed = garden.folder(out, "trashed")
    garden.trash(trashed)
    article = garden.article
    return [
        lambda work: tree.create_folder(work, out, "new"),
        lambda work: tree.create_link(work, out, "new", post),
        lambda work: tree.create_link(work, inside, "new", theirs),
        lambda work: write.create_entry(work, out, article, {"title": "new"}),
        lambda work: write.create_asset(work, out, "n", Asset("n", "a/b", 1)),
        lambda work: tree.move(work, post, out),
        lambda work: tree.move(work, theirs, inside),
        lambda work: tree.rename(work, theirs, "new"),
        lambda work: tree.trash(work, theirs),
        lambda work: tree.restore(work, trashed),
        lambda work: write.edit_entry(work, theirs, {"title": "no"}),
        lambda work: content.publish(work, theirs),
        lambda work: content.unpublish(work, theirs),
        lambda work: tree.move(work, post, NodeId(5)),
        lambda work: tree.rename(work, NodeId(5), "new"),
        lambda work: tree.restore(work, NodeId(5)),
    ]


def test_a_restricted_token_writes_inside_alone(any_garden: Garden) -> None:
    """Any write that starts or ends outside the roots is one and the same 403 (Q12, S28, S31)."""
    inside = any_garden.folder(any_garden.root, "inside")
    out = any_garden.folder(any_garden.root, "outside")
    writes = outside_writes(any_garden, inside, out)
    before = len(any_garden.events())
    refusals = set()
    for attempt in writes:
        with pytest.raises(Denied) as refusal, any_garden.work(token(inside)) as work:
            attempt(work)
        refusals.add((refusal.value.code, refusal.value.detail, str(refusal.value.meta)))
    assert len(refusals) == 1
    assert len(any_garden.events()) == before
    with any_garden.work(token(inside)) as work:
        tree.create_folder(work, inside, "allowed")


def test_another_organizations_ids_are_unknown(any_garden: Garden) -> None:
    """Every id of another organization, put in place of ours, is as unknown as no id (S25)."""
    theirs = Garden(any_garden.office, OrganizationId(1_000_000_000_000_002))
    foreign = theirs.entry(theirs.folder(theirs.root, "f"), "post")
    foreign_type = theirs.article
    ours = any_garden.entry(any_garden.root, "post")
    mine = any_garden.article
    named: list[Callable[[Work, NodeId], object]] = [
        lambda work, id_: tree.create_folder(work, id_, "new"),
        lambda work, id_: write.create_entry(work, id_, mine, {"title": "t"}),
        lambda work, id_: tree.create_link(work, any_garden.root, "new", id_),
        lambda work, id_: tree.move(work, ours, id_),
    ]
    tries: list[Callable[[Work], object]] = [
        lambda work: tree.move(work, foreign, any_garden.root),
        lambda work: tree.trash(work, foreign),
        lambda work: content.publish(work, foreign),
        lambda work: write.edit_entry(work, foreign, {"title": "no"}),
        lambda work: edit_content_type(work, foreign_type, name="ours"),
        lambda work: delete_content_type(work, foreign_type),
    ]
    for attempt in tries:
        with pytest.raises(NotFound), any_garden.work() as work:
            attempt(work)
    for naming in named:
        told = []
        for id_ in (foreign, NodeId(5)):
            with pytest.raises(Invalid) as refusal, any_garden.work() as work:
                naming(work, id_)
            told.append((str(refusal.value), refusal.value.field))
        assert told[0] == told[1]
    with pytest.raises(Invalid) as refusal, any_garden.work() as work:
        write.create_entry(work, any_garden.root, foreign_type, {"title": "t"})
    unknown = ContentTypeId(5)
    with pytest.raises(Invalid) as other, any_garden.work() as work:
        write.create_entry(work, any_garden.root, unknown, {"title": "t"})
    assert str(refusal.value) == str(other.value)
    assert theirs.node(foreign).version == 1


def test_beyond_the_role_is_told_apart_from_outside(garden: Garden) -> None:
    """Inside the restriction but beyond the role is 403 for the role, not for the roots (Q12)."""
    here, there = garden.folder(garden.root, "here"), garden.folder(garden.root, "there")
    terms = (Term(EDIT, frozenset({here})), Term(READS))
    limited = token(garden.root, terms=terms)
    with pytest.raises(Denied) as refusal, garden.work(limited) as work:
        tree.create_folder(work, there, "new")
    assert refusal.value.code is Code.INSUFFICIENT_ROLE
    with garden.work(limited) as work:
        tree.create_folder(work, here, "new")
