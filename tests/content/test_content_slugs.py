"""Finding nodes by a part of their name."""

from __future__ import annotations

import pytest

from support.content import Garden, token

pytestmark = pytest.mark.each_engine


def test_a_part_of_the_name_finds(garden: Garden) -> None:
    """Folders and entries are found by what stands in their slug, however it is cased."""
    press = garden.folder(garden.root, "Press-2026")
    garden.entry(press, "press_release")
    garden.entry(press, "pressXrelease")
    garden.folder(garden.root, "harbour")
    knock = garden.knock()

    def found(part: str) -> set[str]:
        seen = knock("GET", f"/cma/nodes?filter[slug]={part}")
        assert seen.status == 200
        assert seen.json["meta"]["total_count"] == len(seen.json["data"])
        return {one["attributes"]["slug"] for one in seen.json["data"]}

    assert found("PRESS") == {"Press-2026", "press_release", "pressXrelease"}
    assert found("press_") == {"press_release"}
    assert found("%25") == set()
    assert found("!") == set()


def test_what_is_not_seen_is_not_found(garden: Garden) -> None:
    """A restricted token finds by name what stands below its roots, and nothing else (S31)."""
    inside, outside = garden.folder(garden.root, "inside"), garden.folder(garden.root, "outside")
    garden.entry(inside, "report-a")
    garden.entry(outside, "report-b")
    seen = garden.knock(token(inside))("GET", "/cma/nodes?filter[slug]=report")
    assert [one["attributes"]["slug"] for one in seen.json["data"]] == ["report-a"]
