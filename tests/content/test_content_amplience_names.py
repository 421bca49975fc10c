"""By what a schema of Amplience is known here: its id, and an api_key made of that."""

from __future__ import annotations

import pytest

from counterfoil.content.policy import API_KEY
from counterfoil.dialects.amplience.wire import AmplienceSchema, names_of


@pytest.mark.parametrize(
    ("last", "key"),
    [
        ("slide.json", "slide"),
        ("Big-Slide_2.json", "big_slide_2"),
        ("3d-model.json", "schema_3d_model"),
        ("404", "schema_404"),
        ("%C3%A9", "c3_a9"),
        ("é", "schema"),
        ("", "schema"),
        ("k" * 200, "k" * 60),
        ("9" * 200, "schema_" + "9" * 53),
    ],
)
def test_a_key_of_every_schema(last: str, key: str) -> None:
    """However the id of a schema ends, an api_key that begins with a letter is made of it."""
    given = AmplienceSchema(body="{}", schema_id=f"https://schema.test/{last}")
    id_, made, title = names_of(given, {})
    assert (id_, made, title) == (given.schema_id, key, key)
    assert API_KEY.fullmatch(made)
