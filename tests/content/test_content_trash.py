"""The trash: what lies in it, how it comes back, and how it goes for good."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from content.test_content_files import put, request, uploaded
from counterfoil.access.grant import Term
from counterfoil.access.roots import NOWHERE
from counterfoil.access.scope import Scope, scopes
from counterfoil.content import policy, sweep_files, wipe_doomed
from counterfoil.content.lock import lock_node
from counterfoil.content.schedule import set_schedule
from counterfoil.content.store import named_files, tables
from counterfoil.feed.event import NodePlaced, NodeRemoved
from counterfoil.kernel.ids import NodeId, OrganizationId
from support.content import EDIT, READS, Garden, id_of, token
from support.office import StandingClock

EVERY = [f"{number:02x}" for number in range(256)]
UNKNOWN = NodeId(1_000_000_000_000_999)


def rows_of(garden: Garden) -> dict[str, int]:
    """Return how many rows there are of nodes and what hangs on them."""
    kept = (tables.nodes, tables.versions, tables.schedules, tables.locks, tables.doomed)
    with garden.office.database.reading() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in kept
        }


def known(garden: Garden) -> tuple[set[int], set[int]]:
    """Return the nodes that a gate knows by the feed, and by a rebuild."""
    fed: set[int] = set()
    for event in garden.events():
        if isinstance(event, NodePlaced):
            fed.add(event.node)
        elif isinstance(event, NodeRemoved):
            fed.discard(event.node)
    return fed, {event.node for event in garden.records() if isinstance(event, NodePlaced)}


def files(garden: Garden, folder: Path) -> set[str]:
    """Return the digests of the files that lie in the folder."""
    here = folder / "files" / str(garden.organization)
    return {file.name for file in here.glob("??/*")}


@pytest.mark.each_engine
def test_the_trash_is_listed_latest_first(garden: Garden, clock: StandingClock) -> None:
    """What was trashed by itself is listed with its place and its hand, page by page."""
    site = garden.folder(garden.root, "site")
    posts = [garden.entry(site, f"post-{number}") for number in range(5)]
    for post in posts[:4]:
        garden.trash(post)
        clock.move_on(seconds=1)
    garden.trash(site)
    knock, seen, url = garden.knock(), list[str](), "/cma/trash?page[size]=2"
    (first, *_) = knock("GET", url).json["data"]
    assert first["attributes"] == {"kind": "folder", "slug": "site"}
    assert first["relationships"]["parent"]["data"]["id"] == str(garden.root)
    assert first["meta"]["trashed_by"] == str(garden.gardener.user)
    assert knock("GET", url).json["meta"]["total_count"] == 1  # the posts went under it
    assert knock("POST", f"/cma/nodes/{site}/restore").status == 200
    while url:
        page = knock("GET", url).json
        assert page["meta"]["total_count"] == 4
        seen += [one["id"] for one in page["data"]]
        url = page["links"]["next"]
    assert seen == [str(post) for post in posts[3::-1]]
    assert knock("POST", f"/cma/nodes/{posts[0]}/restore").status == 200
    assert knock("GET", "/cma/trash").json["meta"]["total_count"] == 3


@pytest.mark.each_engine
def test_the_trash_shows_what_one_may_bring_back(garden: Garden) -> None:
    """A restricted caller lists what was trashed under its roots, by its role alone (S30, S31)."""
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    mine, theirs = garden.entry(inside, "mine"), garden.entry(aside, "theirs")
    for post in (mine, theirs):
        garden.trash(post)
    knock = garden.knock(token(inside, may=EDIT))
    assert [one["id"] for one in knock("GET", "/cma/trash").json["data"]] == [str(mine)]
    assert knock("GET", "/cma/trash").json["meta"]["total_count"] == 1
    for id_ in (theirs, UNKNOWN, aside):
        refused = knock("DELETE", f"/cma/trash/{id_}")
        assert (refused.status, refused.code) == (403, "OUTSIDE_ROOT_NODES")
    garden.trash(inside)
    assert knock("GET", "/cma/trash").json["data"] == []
    reader = garden.knock(token(may=READS))
    assert reader("GET", "/cma/trash").code == "INSUFFICIENT_SCOPE"
    assert reader("DELETE", f"/cma/trash/{mine}").code == "INSUFFICIENT_SCOPE"
    assert rows_of(garden)["node"] == 5


@pytest.mark.each_engine
def test_assets_in_the_trash_take_their_scope(garden: Garden) -> None:
    """Who may bring back no asset is not told of those in the trash, by whichever term (S30)."""
    site = garden.folder(garden.root, "site")
    logo, post = garden.asset(site, "logo.png"), garden.entry(site, "post")
    garden.trash(logo)
    garden.trash(post)
    delete, assets = Term(scopes(Scope.CONTENT_DELETE)), Term(scopes(Scope.ASSETS_WRITE))
    for terms, expected in (((delete,), {post}), ((delete, assets), {post, logo})):
        told = garden.knock(token(terms=terms))("GET", "/cma/trash").json
        assert {int(one["id"]) for one in told["data"]} == expected
        assert told["meta"]["total_count"] == len(expected)


@pytest.mark.each_engine
def test_what_is_destroyed_is_gone_for_good(garden: Garden) -> None:
    """A destroyed folder goes with all below it, with versions, schedules, locks and links."""
    site = garden.folder(garden.root, "site")
    before = rows_of(garden)
    page = garden.entry(site, "page", published=True)
    post = garden.entry(page, "post")
    old = garden.entry(page, "old")
    link = garden.link(garden.root, "link", post)
    with garden.work() as work:
        set_schedule(work, post, work.now.replace(year=2099), None)
    with garden.work() as work:
        lock_node(work, post)
    garden.trash(old)
    garden.trash(page)
    knock = garden.knock()
    stale = knock("DELETE", f"/cma/trash/{page}", headers={"if-match": '"1"'})
    assert (stale.status, stale.code) == (412, "STALE_VERSION")
    done = knock("DELETE", f"/cma/trash/{page}")
    assert (done.status, done.json["meta"]["effective"]) == (200, "host")
    assert rows_of(garden) == before
    fed, rebuilt = known(garden)
    assert fed == rebuilt == {garden.root, site}
    for id_ in (page, post, old, link):
        assert garden.lineage(id_) == NOWHERE
        assert knock("GET", f"/cma/nodes/{id_}").status == 404
        assert knock("POST", f"/cma/nodes/{id_}/restore").status == 404
        assert knock("DELETE", f"/cma/trash/{id_}").status == 404
    assert garden.entry(site, "page") not in {page, post}  # its name is free, its id is not


@pytest.mark.each_engine
def test_what_is_large_is_gone_at_once_and_wiped_bit_by_bit(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large folder nobody sees anything once it is destroyed, though it goes bit by bit."""
    monkeypatch.setattr(policy, "WIPED_AT_ONCE", 3)
    site = garden.folder(garden.root, "site")
    before = rows_of(garden)
    page = garden.entry(site, "page", published=True)
    posts = [garden.entry(page, f"post-{number}", published=True) for number in range(6)]
    old = garden.entry(posts[0], "old")
    garden.trash(old)
    garden.link(garden.root, "link", posts[5])
    garden.trash(page)
    knock = garden.knock()
    assert knock("DELETE", f"/cma/trash/{page}").status == 200
    standing = [rows_of(garden)["node"]]
    for _ in range(5):
        assert knock("GET", "/cma/trash").json["meta"]["total_count"] == 0
        for id_ in (page, *posts, old):
            assert knock("POST", f"/cma/nodes/{id_}/restore").status == 404
            assert knock("DELETE", f"/cma/trash/{id_}").status == 404
        garden.trash(site)
        garden.restore(site)  # what brings back its surroundings does not bring it back
        assert knock("GET", f"/cma/nodes/{posts[1]}").status == 404
        wipe_doomed(garden.office, 1)
        standing.append(rows_of(garden)["node"])
    steps = [more - less for more, less in pairwise(standing)]
    assert (standing[0], standing[-1]) == (11, 2)
    assert all(step in {0, 1, 2, 3, 4} for step in steps)  # three and, with one of them, the link
    assert rows_of(garden) == before
    fed, rebuilt = known(garden)
    assert fed == rebuilt == {garden.root, site}
    assert wipe_doomed(garden.office) == 0


def test_a_destroyed_folder_that_holds_a_destroyed_one(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wiped already when its turn comes is nothing to do."""
    monkeypatch.setattr(policy, "WIPED_AT_ONCE", 1)
    site = garden.folder(garden.root, "site")
    before = rows_of(garden)
    outer = garden.folder(site, "outer")
    inner = garden.folder(outer, "inner")
    garden.entry(inner, "post")
    knock = garden.knock()
    for node in (inner, outer):
        garden.trash(node)
        assert knock("DELETE", f"/cma/trash/{node}").status == 200
    while wipe_doomed(garden.office):
        pass
    assert rows_of(garden) == before


def test_only_the_trash_is_destroyed(garden: Garden) -> None:
    """What is live, or went with a folder above it, is not destroyed by its own address."""
    site = garden.folder(garden.root, "site")
    post = garden.entry(site, "post")
    knock = garden.knock()
    assert knock("DELETE", f"/cma/trash/{post}").status == 409
    assert knock("DELETE", f"/cma/trash/{garden.root}").status == 409
    garden.trash(site)
    assert knock("DELETE", f"/cma/trash/{post}").status == 404
    assert rows_of(garden)["node"] == 3


def test_destroying_assets_takes_their_scope(garden: Garden) -> None:
    """Who may not write assets destroys no folder in which one lies."""
    site = garden.folder(garden.root, "site")
    garden.asset(site, "logo.png")
    garden.trash(site)
    writer = token(may=READS | scopes(Scope.CONTENT_WRITE, Scope.CONTENT_DELETE))
    refused = garden.knock(writer)("DELETE", f"/cma/trash/{site}")
    assert (refused.status, refused.code) == (403, "INSUFFICIENT_SCOPE")
    assert garden.knock()("DELETE", f"/cma/trash/{site}").status == 200


@pytest.mark.each_engine
def test_a_file_goes_when_no_version_names_it(garden: Garden, tmp_path: Path) -> None:
    """A file stays while any version of any asset names it, in the trash too, and then goes."""
    one = id_of(uploaded(garden, garden.root, b"first", slug="one"))
    two = id_of(uploaded(garden, garden.root, b"first", slug="two"))
    asked = request(garden)
    put(garden, asked["attributes"]["url"], b"second")
    body = {"data": {"type": "node", "attributes": {"upload": asked["id"]}}}
    knock = garden.knock()
    assert knock("PUT", f"/cma/assets/{one}/file", body).status == 200
    assert len(files(garden, tmp_path)) == 2
    garden.trash(one)
    garden.trash(two)
    assert sweep_files(garden.office, EVERY) == 0
    assert knock("DELETE", f"/cma/trash/{one}").status == 200
    assert sweep_files(garden.office, EVERY) == 1  # the second; the first is still the other's
    assert len(files(garden, tmp_path)) == 1
    garden.restore(two)
    assert knock("GET", f"/cda/assets/{two}/file").raw == b"first"
    garden.trash(two)
    assert knock("DELETE", f"/cma/trash/{two}").status == 200
    assert sweep_files(garden.office, EVERY) == 1
    assert files(garden, tmp_path) == set()


def test_each_file_has_its_turn(garden: Garden, clock: StandingClock, tmp_path: Path) -> None:
    """The sweep looks through one part of the files at a time, and through all in two hours."""
    asset = id_of(uploaded(garden, garden.root, b"first"))
    garden.trash(asset)
    assert garden.knock()("DELETE", f"/cma/trash/{asset}").status == 200
    assert len(files(garden, tmp_path)) == 1
    gone = 0
    for _ in range(256):
        gone += sweep_files(garden.office)
        clock.move_on(seconds=30)
    assert (gone, files(garden, tmp_path)) == (1, set())


@pytest.mark.each_engine
def test_no_upload_loses_its_file_to_the_sweep(garden: Garden, tmp_path: Path) -> None:
    """However uploads of the same bytes, destructions and sweeps meet, no asset lacks its file."""
    ready = threading.Barrier(3)
    left: list[NodeId] = []

    def upload() -> None:
        ready.wait()
        for turn in range(12):
            made = uploaded(garden, garden.root, b"same", slug=f"s-{turn}")
            garden.trash(id_of(made))
            garden.knock()("DELETE", f"/cma/trash/{id_of(made)}")
        left.append(id_of(uploaded(garden, garden.root, b"same", slug="last")))

    def sweep() -> None:
        ready.wait()
        for _ in range(3):
            sweep_files(garden.office, EVERY)
            with garden.office.database.reading() as tx:
                there = files(garden, tmp_path)
                named = named_files.named(tx, OrganizationId(garden.organization), there)
                assert named <= there

    hands = [threading.Thread(target=upload), *(threading.Thread(target=sweep) for _ in range(2))]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    sweep_files(garden.office, EVERY)
    assert garden.knock()("GET", f"/cda/assets/{left[0]}/file").raw == b"same"
    assert len(files(garden, tmp_path)) == 1
