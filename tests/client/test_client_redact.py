"""What is shown of a secret."""

from __future__ import annotations

import pytest

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
