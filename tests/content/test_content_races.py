"""The tree under several writers at once, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable

from counterfoil.content import tree, write
from counterfoil.content.store import rows
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.operation import Work
from support.content import Garden


def at_once(garden: Garden, *verbs: Callable[[Work], object]) -> list[CounterfoilError | None]:
    """Do these in a work each, all begun before any has ended; return how each ended."""
    ready = threading.Barrier(len(verbs))
    ended: list[CounterfoilError | None] = [None] * len(verbs)

    def perform(place: int, verb: Callable[[Work], object]) -> None:
        ready.wait()
        try:
            with garden.work() as work:
                verb(work)
        except CounterfoilError as error:
            ended[place] = error

    threads = [threading.Thread(target=perform, args=each) for each in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_two_moves_make_no_loop(any_garden: Garden) -> None:
    """Of two moves that put each of two folders under the other, exactly one happens (S28)."""
    for turn in range(5):
        one = any_garden.folder(any_garden.root, f"one-{turn}")
        two = any_garden.folder(any_garden.root, f"two-{turn}")
        ended = at_once(
            any_garden,
            lambda work, one=one, two=two: tree.move(work, one, two),  # type: ignore[misc]
            lambda work, one=one, two=two: tree.move(work, two, one),  # type: ignore[misc]
        )
        assert ended.count(None) == 1
        assert any_garden.root in any_garden.lineage(one) & any_garden.lineage(two)


def test_a_slug_is_taken_once(any_garden: Garden) -> None:
    """Of several folders of one name made at once under one parent, exactly one is made."""
    ended = at_once(
        any_garden, *[lambda work: tree.create_folder(work, any_garden.root, "same")] * 4
    )
    assert ended.count(None) == 1


def test_nothing_lands_live_in_the_trash(any_garden: Garden) -> None:
    """What is made under a folder while that is trashed is either refused or goes with it (S27)."""
    for turn in range(5):
        top = any_garden.folder(any_garden.root, f"top-{turn}")
        at_once(
            any_garden,
            lambda work, top=top: tree.trash(work, top),  # type: ignore[misc]
            lambda work, top=top: tree.create_folder(work, top, "new"),  # type: ignore[misc]
        )
        with any_garden.office.database.reading() as tx:
            below = rows.child(tx, any_garden.organization, top, "new")
        assert below is None or not below.live


def test_no_edit_is_lost(any_garden: Garden) -> None:
    """Edits of different members at the same time are all in the last version."""
    post = any_garden.entry(any_garden.root, "post")
    ended = at_once(
        any_garden,
        lambda work: write.edit_entry(work, post, {"text": "one"}),
        lambda work: write.edit_entry(work, post, {"rank": 2}),
    )
    assert ended == [None, None]
    node = any_garden.node(post)
    assert node.draft == 3
    with any_garden.office.database.reading() as tx:
        last = rows.version(tx, node, node.draft)
    assert last.content in {
        b'{"title":"post","text":"one","rank":2}',
        b'{"title":"post","rank":2,"text":"one"}',
    }
