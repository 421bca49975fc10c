"""Any call of the API from the command line: what is sent, and what is shown of the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Type
from counterfoil.cli.exits import Exit
from support.fake_server import Says, StandIn

TOKEN = "cfp_" + "t" * 49
ANSWER = {"data": [{"id": "1", "attributes": {"token": TOKEN, "version": 2, "roots": None}}]}


@pytest.fixture
def call(typed: Type, server: StandIn, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what types `counterfoil api …` with a credential, against the stand-in."""
    server.script(Says(200, ANSWER))
    monkeypatch.setenv("COUNTERFOIL_URL", server.url)
    monkeypatch.setenv("COUNTERFOIL_TOKEN", "cfp_" + "v" * 49)
    return lambda *arguments, stdin="": typed("api", *arguments, stdin=stdin)


def test_a_call_is_made_as_typed(call: Type, server: StandIn, tmp_path: Path) -> None:
    """Method, path with its query, body and If-Match arrive as they were typed."""
    (tmp_path / "body.json").write_text('{"from": "file"}')
    assert call("get", "/cda/items?page%5Bsize%5D=1").code == 0
    assert call("PATCH", "/cma/x", "--data", '{"a": 1}', "--if-match", '"3"').code == 0
    assert call("POST", "/cma/x", "--data", "@body.json").code == 0
    assert call("POST", "/cma/x", "--data", "-", stdin='{"from": "stdin"}').code == 0
    got, patched, filed, piped = server.heard
    assert (got.method, got.target, got.body) == ("GET", "/cda/items?page%5Bsize%5D=1", b"")
    assert got.headers["authorization"] == "Bearer cfp_" + "v" * 49
    assert (patched.json, patched.headers["if-match"]) == ({"a": 1}, '"3"')
    assert (filed.json, piped.json) == ({"from": "file"}, {"from": "stdin"})


def test_a_secret_is_shown_to_who_picks_it_alone(call: Type) -> None:
    """An answer shows a token's hint; what is picked comes whole, alone, and as it is (A19)."""
    ran = call("GET", "/x")
    assert TOKEN not in ran.out + ran.err
    assert "cfp_…tttt" in ran.out
    assert call("GET", "/x", "--pick", "data.0.attributes.token").out == TOKEN + "\n"
    assert call("GET", "/x", "--pick", "data.0.attributes.version").out == "2\n"
    assert call("GET", "/x", "--pick", "data.0.attributes.roots").out == "null\n"


@pytest.mark.parametrize("path", ["data.1", "data.name", "data.0.id.x", "nothing"])
def test_what_is_not_there_cannot_be_picked(call: Type, path: str) -> None:
    """A path that leads nowhere exits 6 and prints nothing that a script could take for it."""
    ran = call("GET", "/x", "--pick", path)
    assert (ran.code, ran.out) == (Exit.NOT_FOUND, "")
    assert path in ran.err


@pytest.mark.parametrize(
    "arguments",
    [("GET", "cma/token"), ("TRACE", "/x"), ("POST", "/x", "--data", "{"), ("GET", "http://x/")],
)
def test_what_is_no_call_is_not_made(
    call: Type, server: StandIn, arguments: tuple[str, ...]
) -> None:
    """A body that is no JSON, a method or path that is none: exit 2, and nothing is sent."""
    assert call(*arguments).code == Exit.USAGE
    assert server.heard == []


def test_a_refusal_ends_as_everywhere(call: Type, server: StandIn) -> None:
    """A refusal says its code and what to do, and exits by its kind (A19)."""
    server.script(Says(403, {"errors": [{"code": "OUTSIDE_ROOT_NODES", "detail": "no"}]}))
    ran = call("GET", "/cda/items")
    assert (ran.code, ran.out) == (Exit.FORBIDDEN, "")
    assert "OUTSIDE_ROOT_NODES" in ran.err


def test_an_empty_answer_prints_nothing(call: Type, server: StandIn) -> None:
    """An answer without a body is a good one, and prints nothing."""
    server.script(Says(204))
    ran = call("DELETE", "/x")
    assert (ran.code, ran.out) == (0, "")
