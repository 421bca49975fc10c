"""What a command says of where a change holds that took power away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from cli.conftest import Type
from support.fake_server import Heard, Says, StandIn

ID: Final = "1234567890123456"
BY: Final = "2027-01-01T12:00:02Z"
EVERYWHERE: Final = {"effective": "everywhere", "position": 123}
PROVEN: Final = {
    **EVERYWHERE, "audit_event": 77, "proof": "/cma/audit_events/77/receipt"
}  # fmt: skip
LATE: Final = {"effective": "host", "position": 123, "effective_by": BY}
TYPES: Final = {
    "pat": "personal_access_token",
    "token": "api_token",
    "key-pair": "key_pair",
    "user": "user",
    "role": "role",
    "tree": "node",
    "content-item": "item",
}
DEEDS: Final = [
    ("pat", "delete", ID, "--yes"),
    ("pat", "disable", ID),
    ("pat", "edit", ID, "--scope", "content:read"),
    ("token", "delete", ID, "--yes"),
    ("token", "disable", ID),
    ("token", "edit", ID, "--scope", "content:read"),
    ("key-pair", "delete", ID, "--yes"),
    ("key-pair", "disable", ID),
    ("user", "deactivate", ID),
    ("user", "roles", ID, "--role", ID),
    ("role", "edit", ID, "--scope", "content:read"),
    ("role", "delete", ID, "--yes"),
    ("tree", "mv", ID, ID),
    ("content-item", "delete", ID, "--yes"),
]


def run(
    typed: Type, server: StandIn, deed: tuple[str, ...], meta: dict[str, Any], *more: str
) -> Any:
    """Type a command at a server that says this beside a change."""

    def says(heard: Heard) -> Says:
        ties: dict[str, Any] = {"roles": {"data": []}}
        one = {
            "type": TYPES[deed[0]],
            "id": ID,
            "attributes": {"name": "ci", "scopes": []},
            "relationships": ties,
        }
        if heard.method == "GET":
            return Says(200, {"data": one}, {"etag": '"1"'})
        return Says(202 if "effective_by" in meta else 200, {"data": one, "meta": meta})

    server.says = says
    where = ("--url", server.url, "--pat-token", "-")
    ran = typed(*deed, *where, *more, stdin=f"cfp_{'s' * 49}\n")
    assert ran.code == 0, ran.err
    return ran


@pytest.mark.parametrize("deed", DEEDS, ids=" ".join)
def test_it_says_where_it_holds(typed: Type, server: StandIn, deed: tuple[str, ...]) -> None:
    """What takes power away says that it holds everywhere, and from which position on (R1)."""
    said = run(typed, server, deed, EVERYWHERE).err
    assert " everywhere (position 123)" in said
    assert "!" not in said


@pytest.mark.parametrize("deed", DEEDS, ids=" ".join)
def test_it_says_by_when_it_holds(typed: Type, server: StandIn, deed: tuple[str, ...]) -> None:
    """Where a gate may let reads pass in its grace, that is said, and until when (R1, R2)."""
    said = run(typed, server, deed, LATE).err
    assert f"takes effect everywhere by {BY}" in said
    assert " everywhere (position" not in said


@pytest.mark.parametrize("deed", DEEDS, ids=" ".join)
def test_a_script_sees_it(typed: Type, server: StandIn, deed: tuple[str, ...]) -> None:
    """`--json` has the receipt beside what was changed (R1)."""
    assert LATE.items() <= json.loads(run(typed, server, deed, LATE, "--json").out)["meta"].items()


@pytest.mark.parametrize("deed", DEEDS, ids=" ".join)
def test_it_says_how_to_prove_it(typed: Type, server: StandIn, deed: tuple[str, ...]) -> None:
    """What was done names its entry in the trail: `counterfoil audit receipt` has the proof (R15).

    `--json` has the number and the path.
    """
    said = run(typed, server, deed, PROVEN).err
    assert " everywhere (position 123, audit entry 77)" in said
    assert said.count("Proof: counterfoil audit receipt 77") == 1
    assert (
        PROVEN.items() <= json.loads(run(typed, server, deed, PROVEN, "--json").out)["meta"].items()
    )


def test_it_says_once_how_to_prove_it(typed: Type, server: StandIn) -> None:
    """Who changes several things is told the number of each entry, and the command once (R15)."""
    other = "6543210987654321"
    said = run(typed, server, ("pat", "disable", ID, other), PROVEN).err
    assert said.count("audit entry 77") == 2
    assert said.count("Proof: counterfoil audit receipt 77") == 1


SESSION: Final = """
url = "{url}"

[session]
access = "cfo_{a}"
refresh = "cfr_{r}"
good_until = 4102444800
"""


def signed_in(server: StandIn, home: Path) -> None:
    """Let somebody have signed in at a server."""
    home.parent.mkdir(mode=0o700, parents=True)
    home.write_text(SESSION.format(url=server.url, a="a" * 49, r="r" * 49))
    home.chmod(0o600)


def test_signing_out_says_where_it_holds(typed: Type, server: StandIn, home: Path) -> None:
    """Who signs out is told that this holds everywhere, and from which position on (R1)."""
    signed_in(server, home)
    said = {"counterfoil-effective": "everywhere", "counterfoil-position": "123"}
    server.script(Says(200, None, said))
    assert "✓ signed out everywhere (position 123)" in typed("auth", "logout").err


def test_signing_out_without_a_server(typed: Type, server: StandIn, home: Path) -> None:
    """Who signs out while the server is away is told that the session goes on there."""
    signed_in(server, home)
    server.says = lambda _heard: Says(0)
    said = typed("auth", "logout").err
    assert "did not end the session" in said
    assert "signed out" not in said
