"""The tool that keeps live tokens out of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.kernel.entropy import system_entropy
from counterfoil.secret import Kind, Secret
from tools.dead import live_tokens


@pytest.mark.parametrize("around", ["Bearer {}'", "{}", "my_{}", "x{}0", "abp_{}_", "Zcf{}Z_"])
def test_a_live_token_in_a_page_is_found(around: str) -> None:
    """A token that passes the checksum fails the build, in any file and amid any text (A13)."""
    token = Secret.mint(Kind.PERSONAL, system_entropy).reveal()
    page = f"text\n  curl -H '{around.format(token)} …\n"
    assert list(live_tokens(Path("a.md"), page)) == [
        f"a.md:2: cfp_…{token[-4:]} passes the checksum"
    ]


def test_a_dead_or_truncated_token_is_let_pass() -> None:
    """An example whose last character was changed, or that is cut short, is no token (A13)."""
    token = Secret.mint(Kind.PERSONAL, system_entropy).reveal()
    dead = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert not list(live_tokens(Path("a.md"), f"{dead} {token[:20]}"))
