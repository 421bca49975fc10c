"""The GraphQL Asset Management API: as much as `/cma/nodes` allows, whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.access.caller import Caller
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.kernel.ids import NodeId
from support.content import Garden, token

ASSETS = "/graphql/assets"
MAKE = (
    "mutation($at: ItemId!, $slug: String!) { createAsset(parent: $at, slug: $slug,"
    ' filename: "a.png", mimeType: "image/png", size: 7) { id slug filename mimeType size } }'
)


def ask(
    garden: Garden, query: str, caller: Caller | None = None, **variables: Any
) -> tuple[int, dict[str, Any]]:
    body = {"query": query, "variables": variables}
    seen = garden.knock(caller)("POST", ASSETS, body)
    return seen.status, seen.json


def test_the_life_of_an_asset(any_garden: Garden) -> None:
    """A folder and an asset are made, found, changed, moved and deleted (A9, A14)."""
    root = str(any_garden.root)
    _, made = ask(
        any_garden,
        'mutation($at: ItemId!) { a: createFolder(parent: $at, slug: "a") { id }'
        ' b: createFolder(parent: $at, slug: "b") { id } }',
        at=root,
    )
    a, b = made["data"]["a"]["id"], made["data"]["b"]["id"]
    _, one = ask(any_garden, MAKE, at=a, slug="pic")
    asset = one["data"]["createAsset"]
    assert {**asset, "id": ""} == {
        "id": "", "slug": "pic", "filename": "a.png", "mimeType": "image/png", "size": 7,
    }  # fmt: skip
    change = 'mutation($id: ItemId!) { updateAsset(id: $id, filename: "b.png") { filename } }'
    assert ask(any_garden, change, id=asset["id"])[1]["data"]["updateAsset"]["filename"] == "b.png"
    move = "mutation($id: ItemId!, $to: ItemId!) { moveAsset(id: $id, parent: $to) { parent } }"
    assert ask(any_garden, move, id=asset["id"], to=b)[1]["data"]["moveAsset"] == {"parent": b}
    listed = "query($at: ItemId) { allAssets(under: $at) { id } allFolders(under: $at) { slug } }"
    seen = ask(any_garden, listed, at=b)[1]["data"]
    assert (seen["allAssets"], seen["allFolders"]) == ([{"id": asset["id"]}], [{"slug": "b"}])
    gone = "mutation($id: ItemId!) { deleteAsset(id: $id) { id } }"
    assert ask(any_garden, gone, id=asset["id"])[1]["data"]["deleteAsset"]["id"] == asset["id"]
    _, after = ask(any_garden, "query($id: ItemId!) { asset(id: $id) { id } }", id=asset["id"])
    assert after["data"] == {"asset": None}
    assert after["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("named", ["moveAsset", "moveFolder"])
def test_each_kind_is_moved_by_its_own_name(garden: Garden, named: str) -> None:
    """A folder is moved by no mutation of assets, nor an asset by one of folders."""
    folder, to = garden.folder(garden.root, "a"), garden.folder(garden.root, "b")
    asset = garden.asset(garden.root, "pic")
    move = f"mutation($id: ItemId!, $to: ItemId!) {{ {named}(id: $id, parent: $to) {{ parent }} }}"
    other, own = (folder, asset) if named == "moveAsset" else (asset, folder)
    status, said = ask(garden, move, id=str(other), to=str(to))
    assert (status // 100, "errors" in said) == (4, True)
    listed = "query($at: ItemId) { allAssets(under: $at) { id } allFolders(under: $at) { slug } }"
    assert ask(garden, listed, at=str(to))[1]["data"] == {
        "allAssets": [],
        "allFolders": [{"slug": "b"}],
    }
    assert ask(garden, move, id=str(own), to=str(to))[0] == 200


def test_all_of_a_mutation_or_nothing(garden: Garden) -> None:
    """If one field is refused none has happened, and the answer is the refusal's (S36)."""
    inside, outside = garden.folder(garden.root, "inside"), garden.folder(garden.root, "outside")
    query = (
        'mutation($at: ItemId!, $out: ItemId!) { a: createFolder(parent: $at, slug: "x") { id }'
        ' b: createFolder(parent: $out, slug: "y") { id } }'
    )
    status, said = ask(garden, query, token(inside), at=str(inside), out=str(outside))
    assert (status, said["errors"][0]["extensions"]["code"]) == (403, "OUTSIDE_ROOT_NODES")
    assert ask(garden, "{ allFolders(first: 10) { slug } }", token(inside))[1] == {
        "data": {"allFolders": [{"slug": "inside"}]}
    }


@pytest.mark.parametrize(
    ("may", "code"),
    [
        (EVERY_SCOPE & ~Scope.ASSETS_WRITE.bit, "INSUFFICIENT_SCOPE"),
        (scopes(Scope.CONTENT_READ, Scope.ASSETS_READ), "INSUFFICIENT_SCOPE"),
    ],
)
def test_scopes(garden: Garden, may: int, code: str) -> None:
    """Who may not write assets makes none, as over REST (D10, S12)."""
    status, said = ask(garden, MAKE, token(may=may), at=str(garden.root), slug="pic")
    assert (status, said["errors"][0]["extensions"]["code"]) == (403, code)


def test_the_surface(garden: Garden) -> None:
    """Without the management surface nothing is answered (D9)."""
    caller = token(surfaces=Surface.DELIVERY.bit | Surface.PREVIEW.bit)
    assert ask(garden, "{ allAssets { id } }", caller)[0] == 403


def test_outside_and_unknown(garden: Garden) -> None:
    """Under a root the outside and the unknown are one refusal, in a list and alone (S31)."""
    inside, outside = garden.folder(garden.root, "inside"), garden.folder(garden.root, "outside")
    asset = garden.asset(outside, "far")
    found = "query($id: ItemId!) { asset(id: $id) { id } }"
    answers = [
        ask(garden, found, token(inside), id=str(one))[1] for one in (asset, NodeId(10**15 + 3))
    ]
    assert answers[0] == answers[1]
    assert answers[0]["errors"][0]["extensions"]["code"] == "OUTSIDE_ROOT_NODES"
    assert ask(garden, "{ allAssets { id } }", token(inside))[1]["data"]["allAssets"] == []


@pytest.mark.parametrize(
    "query",
    [
        "{ allAssets(first: 101) { id } }",
        "{ nothing }",
        "mutation { createFolder(parent: 1) { id } }",
        "{" + " ".join(f"a{n}: allAssets {{ id }}" for n in range(31)) + "}",
        "{ ...a } fragment a on Query { ...a }",
    ],
)
def test_bad_queries(garden: Garden, query: str) -> None:
    """What is no query of this schema, or too much of one, answers errors (S40)."""
    status, said = ask(garden, query)
    assert said["errors"][0]["message"]
    assert "data" not in said or said["data"] is None
    assert status == 200
