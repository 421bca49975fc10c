"""What is shown of a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.client.redact import redact, shown
from counterfoil.secret import Kind, Secret

TOKEN = Secret.mint(Kind.PERSONAL, lambda length: bytes(range(length))).reveal()


def test_a_token_in_a_text_becomes_its_hint() -> None:
    """Wherever a token stands in a text, its prefix and last four remain (A19)."""
    text = f"GET /x?token={TOKEN} said '{TOKEN}'."
    assert redact(text) == f"GET /x?token={shown(TOKEN)} said '{shown(TOKEN)}'."
    assert len(shown(TOKEN)) == len("cfp_…1234")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_whatever_follows_bearer_is_no_ones_business(scheme: str) -> None:
    """A bearer of any other form is taken out whole (A19)."""
    assert redact(f"authorization: {scheme} hunter2") == f"authorization: {scheme} (redacted)"


def test_a_string_that_is_no_token_shows_nothing_of_itself() -> None:
    """What does not look like a token may be a password, so not even its end is shown (A19)."""
    assert shown("hunter2_secret") == "(not a Counterfoil token)"
    assert redact("it is hunter2", "hunter2") == "it is (not a Counterfoil token)"


@given(st.binary(min_size=32, max_size=32), st.sampled_from(list(Kind)), st.text(max_size=20))
def test_no_minted_token_survives(chance: bytes, kind: Kind, around: str) -> None:
    """A token of any kind, in any surroundings but letters and digits, is cut down (A19)."""
    token = Secret.mint(kind, lambda _length: chance).reveal()
    assert token not in redact(f"{around} {token} {around}")
