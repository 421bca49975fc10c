"""Whatever a command finds, in the form that its reader chose: one mechanism for all of them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import yaml

from cli.conftest import Ran, Type
from counterfoil.cli.lazy import Lazy
from counterfoil.cli.root import root
from support.fake_server import Says, StandIn

SPOKEN = "cfp_" + "s" * 49
LEAKED = "cfp_" + "l" * 49
FIRST, SECOND = "1000000000000001", "1000000000000002"


def token(id_: str, name: str, **more: Any) -> dict[str, Any]:
    attributes = {"name": name, "state": "active", "token": LEAKED, "scopes": ["content:read"]}
    return {"type": "api_token", "id": id_, "attributes": {**attributes, **more}}


@pytest.fixture
def listed(typed: Type, server: StandIn) -> Type:
    """Return what lists two tokens, of which one has a name that is up to no good."""
    tokens = [token(FIRST, "web"), token(SECOND, f"=cmd() {LEAKED}\x1b[2J", scopes=None)]
    server.says = lambda _heard: Says(200, {"data": tokens})

    def run(*arguments: str, stdin: str = "") -> Ran:
        del stdin
        where = ("--url", server.url, "--pat-token", "-")
        return typed("token", "list", *where, *arguments, stdin=SPOKEN)

    return run


@pytest.mark.parametrize(
    "form",
    [(), ("--json",), ("-o", "csv"), ("-o", "yaml"), ("-o", "ndjson"), ("-o", "table"),
     ("--json=name,state",), ("-o", "csv=name"), ("-q",), ("--jq", ".[]|.attributes")],
)  # fmt: skip
def test_no_form_shows_a_token(listed: Type, form: tuple[str, ...]) -> None:
    """A secret in an answer or a name is cut down in every form, and no escape is printed (A19)."""
    ran = listed(*form)
    assert ran.code == 0, ran.err
    assert LEAKED not in ran.out + ran.err
    assert SPOKEN not in ran.out + ran.err
    assert "\x1b" not in ran.out


def test_fields_are_flat(listed: Type) -> None:
    """`--json=…` is a record of these fields, ids spelled; a space before them does as well."""
    for asked in (("--json=id,name",), ("--json", "id,name")):
        read = json.loads(listed(*asked).out)
        assert read[0] == {"id": f"tok_{FIRST}", "name": "web"}
    assert json.loads(listed("--json").out)[0]["attributes"]["name"] == "web"


def test_each_form_reads_back(listed: Type) -> None:
    """CSV, YAML and lines of JSON are what their readers understand, and no cell is a formula."""
    rows = list(csv.DictReader(io.StringIO(listed("-o", "csv=id,name,scopes").out)))
    assert rows[0] == {"id": f"tok_{FIRST}", "name": "web", "scopes": "content:read"}
    assert rows[1]["name"].startswith("'=cmd()")
    assert yaml.safe_load(listed("-o", "yaml=name,state").out)[0] == {
        "name": "web",
        "state": "active",
    }
    lines = listed("-o", "ndjson").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [FIRST, SECOND]
    assert listed("-q").out.split() == [f"tok_{FIRST}", f"tok_{SECOND}"]
    assert listed("--jq", ".[0].attributes.name").out == "web\n"


@pytest.mark.parametrize(
    "wrong",
    [("--json=nonsense",), ("-o", "xml"), ("-o", "csv", "--json"), ("-q", "--json"),
     ("--jq", "]"), ("--jq", ".", "-o", "csv")],
)  # fmt: skip
def test_a_form_that_is_none_is_named(listed: Type, wrong: tuple[str, ...]) -> None:
    """A field, a filter or two forms that cannot be are a wrong command line."""
    ran = listed(*wrong)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("form", [("-q",), ("-o", "csv"), ("--json=name",), ("-o", "table")])
def test_a_secret_is_never_lost_to_a_form(
    typed: Type, server: StandIn, form: tuple[str, ...]
) -> None:
    """Where a form has no place for the secret that is shown once, nothing is made (A12)."""
    for command in (("pat", "create", "x"), ("token", "create", "x"), ("token", "regenerate", "x")):
        ran = typed(*command, "--url", server.url, "--pat-token", "-", *form, stdin=SPOKEN)
        assert ran.code == 2
    assert server.heard == []


def test_a_secret_stands_in_the_data_that_is_asked_for(typed: Type, server: StandIn) -> None:
    """`--json` of what is made holds the secret, whole, once; nothing else does (A12, A19)."""
    server.says = lambda _heard: Says(201, {"data": token(FIRST, "web")})
    make = ("token", "create", "web", "--url", server.url, "--pat-token", "-")
    assert json.loads(typed(*make, "--json", stdin=SPOKEN).out)["attributes"]["token"] == LEAKED
    assert typed(*make, "--json=token", stdin=SPOKEN).out == json.dumps({"token": LEAKED}) + "\n"
    ran = typed(*make, stdin=SPOKEN)
    assert ran.out == f"{LEAKED}\n"
    assert LEAKED not in ran.err


def test_every_remote_command_shows_what_it_found_in_any_form() -> None:
    """Whoever talks to a server takes --json, --jq, -o and -q; the next command too."""
    seen = 0
    for path, command in _leaves(root, ()):
        names = {option for parameter in command.params for option in parameter.opts}
        if "--pat-token" in names and path != ("configure",):
            seen += 1
            quiet = set() if path == ("graphql",) else {"--quiet"}  # its -q is the query
            assert {"--json", "--jq", "--output"} | quiet <= names, path
    assert seen > 50


def test_a_rehearsal_sends_nothing(typed: Type, server: StandIn) -> None:
    """--dry-run looks up what it must, prints the request that it would send, and sends it not."""
    server.says = lambda _heard: Says(200, {"data": [token(FIRST, "web")]})
    ran = typed("token", "delete", "web", "--dry-run", "--url", server.url, "--pat-token", "-",
                stdin=SPOKEN)  # fmt: skip
    assert json.loads(ran.out) == {
        "method": "DELETE",
        "path": f"/cma/api_tokens/{FIRST}",
        "query": {},
        "body": None,
    }
    assert {heard.method for heard in server.heard} == {"GET"}


def _leaves(group: Any, path: tuple[str, ...]) -> Any:
    for name in group.tree:
        command = group.get_command(None, name)
        if isinstance(command, Lazy):
            yield from _leaves(command, (*path, name))
        else:
            yield (*path, name), command
