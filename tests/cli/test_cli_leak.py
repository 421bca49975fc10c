"""`counterfoil leak report`: a token that was found is told to its server, and to nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import pytest

from cli.conftest import Type
from support.fake_server import Says, StandIn

_SECRET: Final = "cfp_found-in-a-repository"
_OWN: Final = "cfp_ones-own"
_SEEN: Final = "https://git.example.com/a/b"


@pytest.fixture(autouse=True)
def _accepting(server: StandIn) -> None:
    server.script(Says(202, b""))


def test_a_found_token_is_reported_without_a_credential(
    typed: Type, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What standard input says is posted as a form, by nobody, and shown nowhere (S16)."""
    monkeypatch.setenv("COUNTERFOIL_TOKEN", _OWN)
    ran = typed("leak", "report", "--seen-at", _SEEN, "--url", server.url, stdin=f"{_SECRET}\n")
    assert (ran.code, ran.out) == (0, ""), ran.err
    (heard,) = server.heard
    assert (heard.method, heard.target) == ("POST", "/leaks")
    assert parse_qs(heard.body.decode()) == {"token": [_SECRET], "url": [_SEEN]}
    assert "authorization" not in heard.headers
    assert _OWN not in str(heard)
    assert _SECRET not in ran.err
    assert "command line" not in ran.err


def test_a_found_token_is_read_from_a_file(typed: Type, server: StandIn, tmp_path: Path) -> None:
    """A file that its owner alone can read is taken instead; both at once is a mistake."""
    file = tmp_path / "found"
    file.write_text(_SECRET)
    file.chmod(0o600)
    assert typed("leak", "report", "--token-file", str(file), "--url", server.url).code == 0
    assert parse_qs(server.heard[0].body.decode())["token"] == [_SECRET]
    assert typed("leak", "report", "-", "--token-file", str(file)).code == 2
    assert len(server.heard) == 1


def test_a_found_token_that_is_typed_is_warned_of(typed: Type, server: StandIn) -> None:
    """On the command line it is taken, with a word about who can read it there (S16)."""
    ran = typed("leak", "report", _SECRET, "--url", server.url)
    assert ran.code == 0
    assert "a secret on the command line" in ran.err


def test_a_strangers_project_is_told_of_no_found_token(
    typed: Type, server: StandIn, tmp_path: Path
) -> None:
    """A server that only a project file names hears of no token; an empty input is none either."""
    (tmp_path / "counterfoil.toml").write_text(f'url = "{server.url}"\n')
    assert typed("leak", "report", stdin=_SECRET).code == 3
    assert typed("leak", "report", "--url", server.url).code == 4
    assert server.heard == []


def test_a_report_is_rehearsed_and_refused_like_all_else(typed: Type, server: StandIn) -> None:
    """A dry run sends nothing; a server that hears no more reports is exit 9."""
    ran = typed("leak", "report", "--dry-run", "--json", "--url", server.url, stdin=_SECRET)
    assert (ran.code, server.heard) == (0, [])
    assert '"sent": false' in ran.out
    server.script(
        Says(429, {"errors": [{"code": "RATE_LIMIT_EXCEEDED", "status": "429"}]},
             {"retry-after": "3600"})
    )  # fmt: skip
    assert typed("leak", "report", "--url", server.url, stdin=_SECRET).code == 9
