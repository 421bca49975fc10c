"""`counterfoil api sync`: files of routes and resources, what is sent of them, and what is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Sample, Type
from counterfoil.demo.walk import Walk

API = {"name": "Pages", "audience": "https://pages.example", "scopes": [{"name": "pages:read"}]}
HEALTH = {"methods": ["GET"], "path": "/health", "scope": ""}
PAGE = {"methods": ["GET"], "path": "/pages/{page}", "scope": "pages:read", "node": "{page}"}
ROWS = [["blog", None, "The blog"], ["12", "blog", "Hello"], ["13"]]


@pytest.fixture
def synced(
    typed: Type, sample: Sample, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Return what types `counterfoil api sync` for an API that is there, as an admin."""
    ann = sample["people"][0]
    walk = Walk(url, tell=lambda _line: None)
    monkeypatch.setenv("COUNTERFOIL_URL", url)
    monkeypatch.setenv("COUNTERFOIL_TOKEN", walk.sign_in("Ann", ann["email"], ann["password"]))
    walk.close()
    made = typed("api", "POST", "/cma/apis", "--pick", "data.id", "--data",
                 json.dumps({"data": {"type": "api", "attributes": API}}))  # fmt: skip
    assert made.code == 0, made.err

    def sync(*options: str, stdin: str = "", **files: object) -> list[tuple[str, str, int, int]]:
        said = []
        for name, held in files.items():
            (tmp_path / name).write_text(json.dumps(held))
            said += [f"--{name}", name]
        ran = typed("api", "sync", "Pages", *said, *options, "--json", stdin=stdin)
        assert ran.code == 0, ran.err
        return [
            (one["part"], one["status"], one["written"], one["removed"])
            for one in json.loads(ran.out)
        ]

    yield sync
    assert typed("api", "DELETE", f"/cma/apis/{made.out.strip()}").code == 0


def test_a_tree_and_routes_become_what_files_say(synced: Any) -> None:
    """What is new, other or gone is written; a rehearsal says the same, and changes nothing."""
    first = [("routes", "CREATED", 2, 0), ("tree", "CREATED", 3, 0)]
    for options in (["--dry-run"], []):
        assert synced(*options, routes=[HEALTH, PAGE], tree=ROWS) == first
    same = [("routes", "UP-TO-DATE", 0, 0), ("tree", "UP-TO-DATE", 0, 0)]
    for options in (["--dry-run"], []):
        assert synced(*options, routes=[PAGE, HEALTH], tree=ROWS[::-1]) == same
    other = [["blog", None, "The blog"], ["13", "blog", "Legal"]]
    for options in (["--dry-run"], []):
        assert synced(*options, routes=[{**PAGE, "node": "any"}], tree=other) == [
            ("routes", "UPDATED", 1, 1), ("tree", "UPDATED", 1, 1),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "wrong", "says"),
    [
        ("routes", {**PAGE, "path": "pages/{page}"}, "/data/attributes/routes/1/path"),
        ("routes", {**PAGE, "methods": ["TRACE"]}, "/data/attributes/routes/1/methods"),
        ("routes", {**PAGE, "methods": ["get"]}, "/data/attributes/routes/1/methods"),
        ("routes", {**PAGE, "methods": [*"ABCDEFGHIJK"]}, "A route has 1 to 10 methods."),
        ("routes", {**PAGE, "scope": "pages:write"}, "This is no scope of the API."),
        ("routes", {**PAGE, "node": "{leaf}"}, "/data/attributes/routes/1/node"),
        ("routes", {**PAGE, "node": 7}, "/data/attributes/routes/1/node"),
        ("routes", {**PAGE, "methods": ["PUT"], "changes": False}, "always change something"),
        ("routes", {**HEALTH, "scope": "pages:read"}, "/data/attributes/routes/1/path"),
        ("tree", ["12", "nothing", "Hello"], "There is no resource of that key"),
        ("tree", ["blog", None, "Twice"], "This key is there twice."),
        ("tree", ["12", "12", "Hello"], "Nothing stands under itself."),
        ("tree", ["x" * 101], "A key has 1 to 100"),
        ("tree", ["12", 7], "/data/attributes/nodes/1/1"),
        ("tree", ["12", "blog", "x" * 300_000], "A body has at most"),
    ],
)
def test_a_rehearsal_refuses_what_is_refused(
    synced: Any, typed: Type, tmp_path: Path, *, part: str, wrong: object, says: str
) -> None:
    """What the server would not take a dry run refuses in the same words, with the same place."""
    assert synced(routes=[HEALTH], tree=[["blog", None, "The blog"]])
    good = HEALTH if part == "routes" else ["blog", None, "The blog"]
    (tmp_path / "file").write_text(json.dumps([good, wrong]))
    told = []
    for options in ([], ["--dry-run"]):
        ran = typed("api", "sync", "Pages", f"--{part}", "file", *options)
        assert (ran.code, ran.out) == (1, "")
        told.append([line for line in ran.err.splitlines() if not line.startswith("  request")])
    assert says in "\n".join(told[0])
    assert told[0] == told[1]


def test_the_document_of_a_proposal_is_taken(synced: Any) -> None:
    """What `gates propose` prints is read as it is, from standard input too."""
    document = {"data": {"type": "api_routes", "attributes": {"routes": [PAGE]}}}
    told = synced("--routes", "-", stdin=json.dumps(document))
    assert told == [("routes", "CREATED", 1, 0)]
    assert synced(routes={"routes": [PAGE], "preflights": True}) == [("routes", "UPDATED", 1, 0)]
    assert synced(routes={"routes": [PAGE], "grace_seconds": 30}) == [("routes", "UPDATED", 1, 0)]
    assert synced(routes={"routes": [PAGE], "grace_seconds": 30}) == [
        ("routes", "UP-TO-DATE", 0, 0)
    ]
    assert synced(routes=document) == [("routes", "UP-TO-DATE", 0, 0)]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a credential, and no server."""
    monkeypatch.setenv("COUNTERFOIL_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("COUNTERFOIL_TOKEN", "cfp_" + "v" * 49)


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--routes", "{", "it is no JSON"),
        ("--routes", "{}", "no list of routes"),
        ("--routes", '[{"methods": ["GET"], "path": "/"}]', "routes[0] has"),
        ("--routes", '[{"methods": "GET", "path": "/", "scope": ""}]', "routes[0] holds"),
        ("--routes", '[{"methods": [], "path": "/", "scope": ""}]', "routes[0] names no method"),
        ("--routes", '{"routes": [], "preflight": true}', "it holds more than"),
        ("--routes", '{"routes": [], "preflights": 1}', "preflights is true or false"),
        ("--routes", '{"routes": [], "grace_seconds": true}', "grace_seconds is a whole number"),
        ("--tree", "[[]]", "nodes[0] is no row"),
        ("--tree", '[["a", null, "b", "c"]]', "nodes[0] is no row"),
        ("--tree", '{"data": []}', "no list of nodes"),
    ],
)
@pytest.mark.usefixtures("nowhere")
def test_what_holds_neither_is_not_sent(
    typed: Type, tmp_path: Path, option: str, text: str, says: str
) -> None:
    """A file that is wrong exits 3 before anything is asked, and the place is named."""
    (tmp_path / "file").write_text(text)
    ran = typed("api", "sync", "Pages", option, "file")
    assert (ran.code, ran.out) == (3, "")
    assert says in ran.err
    assert "Nothing was sent." in ran.err


@pytest.mark.usefixtures("nowhere")
def test_one_of_both_is_said(typed: Type) -> None:
    """Without a file there is nothing to do, and one standard input is one file."""
    assert typed("api", "sync", "Pages").code == 2
    assert typed("api", "sync", "Pages", "--routes", "-", "--tree", "-").code == 2
    assert typed("api", "sync", "Pages", "--routes", "absent").code == 3


def test_any_call_needs_no_word_of_its_own(typed: Type) -> None:
    """`api GET …` is `api call GET …`; what is neither a method nor a command is named."""
    assert typed("api", "GET", "--help").out == typed("api", "call", "GET", "--help").out
    ran = typed("api", "snyc", "Pages")
    assert (ran.code, "snyc" in ran.err) == (2, True)
