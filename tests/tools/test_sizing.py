"""The sizing guide says what its model computes, from what was really measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from bench.sizing import model
from bench.sizing.measure import office_bytes, replica_bytes
from bench.sizing.model import Measured

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "sizing.md"
NEAR = 0.15
"""By how much a smaller measurement may differ from the one in the guide."""


@pytest.mark.parametrize("table", [model.measured_table, model.sizes_table, model.trail_table])
def test_the_page_shows_what_the_model_says(table: Callable[[Measured], Iterator[str]]) -> None:
    """Each table of the page is the model's, by the constants that were measured last."""
    assert "\n".join(table(model.measured())) in PAGE.read_text()


def test_a_token_costs_what_was_measured(tmp_path: Path) -> None:
    """A token that is issued, a read, and one in a rebuilt replica take the guide's bytes."""
    by = model.measured()
    issued, read = office_bytes(tmp_path / "office", issued=200, read=600)
    assert issued == pytest.approx(by.issued, rel=NEAR)
    assert read == pytest.approx(by.read, rel=NEAR)
    small, large = (replica_bytes(tmp_path / str(many), many) for many in (5_000, 15_000))
    rebuilt = (large[1] - small[1]) / 10_000  # what was fed grows in leaps while it is small
    assert rebuilt == pytest.approx(by.rebuilt, rel=NEAR)
    assert large[0] > large[1]


def test_a_cell_is_never_larger_than_it_may_be() -> None:
    """Beyond one cell's tokens there are more cells, and none of them has more than that."""
    by = Measured(**dict.fromkeys((one.name for one in fields(Measured)), 1.0))
    for tokens in (1, model.CELL_TOKENS, model.CELL_TOKENS + 1, 10**9):
        one = model.size(tokens, by)
        assert one.fed <= model.CELL_TOKENS
        assert one.cells * one.fed == pytest.approx(tokens)
        assert one.rebuild_s * 1e6 == pytest.approx(one.fed)


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        (model.spelled(999), "999 bytes"),
        (model.spelled(2_440_000), "2.4 MB"),
        (model.spelled(122e9), "120 GB"),
        (model.lasting(10.7), "11 s"),
        (model.lasting(107), "1.8 min"),
        (model.lasting(10_700), "3 h"),
    ],
)
def test_figures_have_two_places(said: str, is_: str) -> None:
    """What is computed claims no more than two figures."""
    assert said == is_
