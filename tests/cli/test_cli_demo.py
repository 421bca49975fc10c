"""The walk tells the truth: what went otherwise is shown, counted, and fails the demo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.conftest import Type
from counterfoil.demo import command, sample
from counterfoil.demo.content import SHAPES, count, pictures, pieces
from counterfoil.demo.story import Cast, Story
from counterfoil.demo.trail import claims, rows
from counterfoil.demo.walk import Walk, WalkBroken
from support.fake_server import Says, StandIn

TOKEN = "cfp_" + "t" * 49
CAST = Cast(
    emails={"Ann": "ann@x", "Ben": "ben@x"},
    passwords={"Ann": "a", "Ben": "b"},
    users={"Ben": "1"},
    roles={"reader": "1", "developer": "2"},
    nodes={"/site/press": "1", "/site/internal": "2"},
    article="1",
)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def walk(server: StandIn, told: list[str]) -> Iterator[Walk]:
    with closing(Walk(server.url, told.append)) as walking:
        yield walking


def test_a_step_is_as_good_as_its_status_and_code(
    walk: Walk, server: StandIn, told: list[str]
) -> None:
    """A step with another status or another code than it should is counted, and shown as wrong."""
    server.script(Says(403, {"errors": [{"code": "INSUFFICIENT_SCOPE", "detail": TOKEN}]}))
    call = ("GET", "/cma/token")
    walk.step("good", call, (403, "INSUFFICIENT_SCOPE"))
    walk.step("good enough", call, 403)
    assert walk.wrong == []
    walk.step("other code", call, (403, "OUTSIDE_ROOT_NODES"))
    walk.step("other status", call, 200)
    walk.sure("a claim", None)
    assert walk.wrong == ["other code", "other status", "a claim"]
    assert walk.steps == 5
    shown = "\n".join(told)
    assert "expected 403 OUTSIDE_ROOT_NODES" in shown
    assert "expected 200" in shown
    assert TOKEN not in shown


def test_steps_that_are_alike(walk: Walk, server: StandIn, told: list[str]) -> None:
    """Calls that are shown as one step show every status, and one wrong answer fails the step."""
    server.script(Says(202, {}), Says(202, {}), Says(500, {}))
    calls = [("POST", "/cma/x")] * 2
    walk.alike("good", calls, 202, bodies=[{}, {}])
    assert any("POST /cma/x and 1 more → 202, 202" in line for line in told)
    walk.alike("one of them wrong", calls, 202)
    assert walk.wrong == ["one of them wrong"]


def test_what_is_not_on_record_is_named() -> None:
    """A trail that lacks an act fails the demo and says which act it was."""
    entry = {"attributes": {"operation": "token.request", "outcome": "allowed"}}
    missing = [says for says, true in claims([entry]) if not true]
    assert any("not token.revoke allowed" in says for says in missing)
    assert not any("not token.request allowed" in says for says in missing)


def test_the_trail_is_told_in_the_order_of_time() -> None:
    """Rows come by time and not by position, and of ids they show the tail."""

    def entry(id_: str, at: str, user: str | None, method: str) -> dict[str, Any]:
        return {
            "id": id_,
            "attributes": {
                "at": at,
                "operation": "entry.create",
                "outcome": "allowed",
                "method": method,
                "token_name": "nightly",
                "target": "nod_1234567890121234" if user else None,
            },
            "relationships": {"user": {"data": user and {"type": "user", "id": user}}},
        }

    read = entry("9", "2027-01-01T08:00:00.000001Z", "1", "personal")
    wrote = entry("8", "2027-01-01T08:00:01.000001Z", None, "session")
    assert list(rows([wrote, read], {"1": "Ben"})) == [
        "08:00:00 Ben    nightly entry.create …1234 allowed",
        "08:00:01 nobody session entry.create -     allowed",
    ]


def test_a_step_that_later_ones_stand_on(walk: Walk, server: StandIn) -> None:
    """An answer without what the next step needs stops the story instead of confusing it."""
    server.script(Says(200, {"data": {"id": "1"}}))
    got = walk.step("x", ("GET", "/"), 200)
    assert got.at("id") == "1"
    with pytest.raises(WalkBroken):
        got.at("attributes", "token")


@pytest.mark.parametrize("says", [Says(404, {}), Says(500, b"<html>"), Says(200, {"data": []})])
def test_a_server_that_is_wrong_fails_the_demo(
    server: StandIn, capsys: pytest.CaptureFixture[str], says: Says
) -> None:
    """Against a server that answers otherwise the demo says so and does not exit 0."""
    server.script(says)
    ready = sample.Ready("x", "", 1, CAST, {"Ann": "admin"})
    assert command._walk(ready, server.port) > 0  # noqa: SLF001 - what `demo` exits by
    said = capsys.readouterr().out
    assert "went otherwise than they should" in said
    assert "the walk goes on to its end" in said


def test_the_story_ends_where_it_breaks(walk: Walk, server: StandIn) -> None:
    """Nobody is signed in at a server that lets nobody in, and nothing goes on from there."""
    server.script(Says(401, {}))
    Story(walk, CAST).tell()
    assert {heard.target.partition("?")[0] for heard in server.heard} == {
        "/signin",
        "/oauth/authorize",
        "/oauth/token",
    }


def test_a_failed_beginning_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the sample cannot be made the directory is as empty as before."""

    def fail(settings: SimpleNamespace) -> None:
        (settings.data_dir / "replica").mkdir()
        (settings.data_dir / "office.sqlite").write_text("half")
        raise RuntimeError

    monkeypatch.setattr(sample, "seed", fail)
    with pytest.raises(RuntimeError):
        sample.begin(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_json_wants_a_directory(typed: Type) -> None:
    """`demo --json` without a directory is a usage error: it never makes data just anywhere."""
    assert typed("demo", "--json").code == 2


def test_the_sample_is_over_a_thousand_pieces() -> None:
    """The sample has drafts, published entries, entries changed since, and four content types."""
    made = list(pieces())
    assert count() > 1000
    assert len({name for name, _ in pictures()}) == len(list(pictures()))
    assert len({(piece.folder, piece.slug) for piece in made}) == len(made)
    assert any(not piece.published for piece in made)
    assert any(piece.published and piece.later for piece in made)
    assert {piece.shape for piece in made} == {shape.api_key for shape in SHAPES}
    assert {"/site/public", "/site/press", "/site/internal"} <= {piece.folder for piece in made}
