"""The marker of a replica, where several processes open it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from counterfoil.gate.marker import Marker

TURNS = 4_000


def test_of_two_who_have_it_open_none_is_alone(tmp_path: Path) -> None:
    """Two that ask at the same moment whether they are alone both hear that they are not.

    Whoever heard otherwise would take the file from under the other, which would go on with it.
    """
    both = [Marker(tmp_path / "marker", "this run") for _ in range(2)]
    for one in both:
        one.enter(lambda: None)
    ready, taken = Barrier(2), list[int]()

    def ask(marker: Marker) -> int:
        ready.wait(10)
        return sum(marker.if_alone(lambda: taken.append(1)) for _ in range(TURNS))

    with ThreadPoolExecutor(2) as people:
        heard = list(people.map(ask, both))
    assert heard == [0, 0]
    assert not taken
    for one in both:
        one.drop()
