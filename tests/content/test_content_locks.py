"""Locks: one editor has a node to themselves, and whoever else comes is told who (Q14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.kernel.ids import NodeId, TokenId
from support.content import EDIT, GARDENER, Garden, id_of, item_body, node_body, token
from support.doors import Seen
from support.office import ACME, StandingClock, session

EVE = GARDENER + 50


def eve(*, admin: bool = False) -> Caller:
    """Another person, who may edit, and as an admin everything."""
    return session(EVE, Term(EVERY_SCOPE if admin else EDIT | Scope.CONTENT_PUBLISH.bit))


def service(id_: int) -> Caller:
    """A token that acts in nobody's name."""
    grant = Grant((Term(EVERY_SCOPE & ~Scope.POLICY_MANAGE.bit),))
    return Caller(ACME, None, Method.SERVICE, grant, TokenId(id_), f"service {id_}")


def test_a_lock_keeps_everybody_else_out(any_garden: Garden) -> None:
    """Whoever else changes a locked entry gets 409 LOCKED naming the holder; they see it (Q14)."""
    garden = any_garden
    post = garden.entry(garden.root, "post", published=True)
    other = garden.folder(garden.root, "other")
    here, ann, mine = f"/cma/items/{post}", garden.knock(eve()), garden.knock()
    taken = mine("PUT", f"/cma/nodes/{post}/lock")
    assert (taken.status, taken.json["data"]["type"]) == (200, "lock")
    assert taken.json["data"]["relationships"]["holder"]["data"]["id"] == str(GARDENER)
    before = garden.node(post)
    edit = {"data": {"type": "item", "attributes": {"text": "mine"}}}
    move = {
        "data": {"type": "node", "relationships": node_body(other, "x")["data"]["relationships"]}
    }
    times = {"data": {"type": "schedule", "attributes": {"publish_at": "2099-01-01T00:00:00Z"}}}
    named = {"data": [{"type": "item", "id": str(post)}]}
    tries: list[tuple[str, str, Any]] = [
        ("PATCH", here, edit),
        ("PUT", here, edit),
        ("DELETE", here, None),
        ("PUT", f"{here}/publish", None),
        ("PUT", f"{here}/unpublish", None),
        ("POST", f"{here}/versions/1/restore", None),
        ("PUT", f"{here}/schedule", times),
        ("PATCH", f"/cma/nodes/{post}", move),
        ("DELETE", f"/cma/nodes/{post}", None),
        ("POST", "/cma/items/bulk/unpublish", named),
        ("PUT", f"/cma/nodes/{post}/lock", None),
        ("DELETE", f"/cma/nodes/{post}/lock", None),
    ]
    for method, path, body in tries:
        refused = ann(method, path, body)
        assert (refused.status, refused.code) == (409, "LOCKED"), (method, path)
        holder = refused.json["errors"][0]["meta"]["holder"]
        assert (holder["user"], holder["token_name"]) == (str(GARDENER), "session")
    assert garden.node(post) == before
    assert ann("GET", f"/cma/nodes/{post}/lock").json == taken.json
    assert ann("GET", here).status == 200
    assert mine("PATCH", here, edit).status == 200
    assert mine("DELETE", f"/cma/nodes/{post}/lock").status == 204
    assert ann("GET", f"/cma/nodes/{post}/lock").status == 404
    assert ann("PUT", f"{here}/unpublish").status == 200


def test_a_lock_ends_by_itself(any_garden: Garden, clock: StandingClock) -> None:
    """A lock that nobody renews is over after 30 minutes, and renewing keeps its beginning."""
    garden = any_garden
    post = garden.entry(garden.root, "post")
    lock, mine, ann = f"/cma/nodes/{post}/lock", garden.knock(), garden.knock(eve())
    first = mine("PUT", lock).json["data"]["attributes"]
    clock.move_on(minutes=29)
    again = mine("PUT", lock).json["data"]["attributes"]
    assert again["taken_at"] == first["taken_at"]
    assert again["ends_at"] > first["ends_at"]
    clock.move_on(minutes=29, seconds=59)
    assert ann("PUT", lock).code == "LOCKED"
    clock.move_on(seconds=1)
    assert ann("PUT", lock).json["data"]["relationships"]["holder"]["data"]["id"] == str(EVE)
    assert mine("PUT", lock).code == "LOCKED"
    assert mine("GET", lock).json["data"]["attributes"]["taken_at"] > first["taken_at"]


def test_an_admin_releases_anybodys_lock(garden: Garden) -> None:
    """Who may set the policy releases a lock that another holds, and saves only after that."""
    post = garden.entry(garden.root, "post")
    garden.knock()("PUT", f"/cma/nodes/{post}/lock")
    admin, edit = (
        garden.knock(eve(admin=True)),
        {"data": {"type": "item", "attributes": {"rank": 1}}},
    )
    assert admin("PATCH", f"/cma/items/{post}", edit).code == "LOCKED"
    assert admin("DELETE", f"/cma/nodes/{post}/lock").status == 204
    assert admin("PATCH", f"/cma/items/{post}", edit).status == 200


def test_a_person_is_one_holder_by_any_credential(garden: Garden) -> None:
    """What a person locked when signed in they edit with their token; a token is its own holder."""
    post = garden.entry(garden.root, "post")
    edit = {"data": {"type": "item", "attributes": {"rank": 1}}}
    visitor = token()
    assert visitor.user is not None
    garden.knock(session(visitor.user))("PUT", f"/cma/nodes/{post}/lock")
    assert garden.knock(visitor)("PATCH", f"/cma/items/{post}", edit).status == 200
    garden.knock(visitor)("DELETE", f"/cma/nodes/{post}/lock")
    one, two = garden.knock(service(GARDENER + 61)), garden.knock(service(GARDENER + 62))
    held = one("PUT", f"/cma/nodes/{post}/lock").json["data"]["meta"]
    assert held["held_with"] == str(GARDENER + 61)
    assert one("PATCH", f"/cma/items/{post}", edit).status == 200
    assert two("PATCH", f"/cma/items/{post}", edit).code == "LOCKED"


@pytest.mark.parametrize("how", ["trash", "move"])
def test_what_is_locked_stays_where_it_is(any_garden: Garden, how: str) -> None:
    """A folder is neither moved nor trashed while somebody else has locked a node below it."""
    garden = any_garden
    top, aside = garden.folder(garden.root, "top"), garden.folder(garden.root, "aside")
    post = garden.entry(garden.folder(top, "inner"), "post")
    garden.knock(eve())("PUT", f"/cma/nodes/{post}/lock")
    relationships = node_body(aside, "x")["data"]["relationships"]
    move = {"data": {"type": "node", "relationships": relationships}}

    def tried(knock: Callable[..., Seen]) -> Seen:
        if how == "trash":
            return knock("DELETE", f"/cma/nodes/{top}")
        return knock("PATCH", f"/cma/nodes/{top}", move)

    refused = tried(garden.knock(service(GARDENER + 61)))
    assert (refused.status, refused.code) == (409, "LOCKED")
    assert garden.lineage(post) >= {garden.root, top}
    made = garden.knock()("POST", "/cma/items", item_body(garden, top, title="new"))
    assert made.status == 201  # beside it everybody goes on
    assert tried(garden.knock(eve())).status == 200


def test_locks_are_taken_inside_the_roots(garden: Garden) -> None:
    """Outside, unknown and trashed nodes are locked by nobody, and tell no holder (S31)."""
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    post = garden.entry(aside, "post")
    garden.knock()("PUT", f"/cma/nodes/{post}/lock")
    knock = garden.knock(token(inside))
    assert knock("PUT", f"/cma/nodes/{inside}/lock").status == 200
    for method in ("GET", "PUT", "DELETE"):
        answers = {
            (seen.status, seen.code, str(seen.json["errors"][0].get("meta")))
            for id_ in (post, NodeId(1_000_000_000_000_999))
            for seen in [knock(method, f"/cma/nodes/{id_}/lock")]
        }
        assert {answer[:2] for answer in answers} == {(403, "OUTSIDE_ROOT_NODES")}
        assert len(answers) == 1
    garden.trash(post)
    assert garden.knock()("PUT", f"/cma/nodes/{post}/lock").status == 404


def test_an_asset_is_locked_by_its_own_scope(any_garden: Garden) -> None:
    """`assets:write` locks and releases assets and nothing else, and tells of none unseen (X4)."""
    garden = any_garden
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    facts = {"filename": "a.png", "media_type": "image/png", "size": 3}
    asset, hidden = (
        id_of(garden.knock()("POST", "/cma/nodes", node_body(at, "a", kind="asset", **facts)))
        for at in (inside, aside)
    )
    curator = garden.knock(token(may=scopes(Scope.ASSETS_READ, Scope.ASSETS_WRITE)))
    lock = f"/cma/nodes/{asset}/lock"
    assert curator("PUT", lock).status == 200
    edit = {"data": {"type": "node", "attributes": {"tags": ["x"]}}}
    assert garden.knock(eve())("PATCH", f"/cma/nodes/{asset}", edit).code == "LOCKED"
    assert curator("DELETE", lock).status == 204
    for method in ("PUT", "DELETE"):
        refused = curator(method, f"/cma/nodes/{inside}/lock")
        assert (refused.status, refused.code) == (403, "INSUFFICIENT_SCOPE")
        assert refused.json["errors"][0]["meta"]["scope"] == "content:write"
    writer = garden.knock(token(may=EDIT & ~scopes(Scope.ASSETS_WRITE)))
    assert writer("PUT", lock).json["errors"][0]["meta"]["scope"] == "assets:write"
    writes = (Scope.ASSETS_WRITE, Scope.CONTENT_WRITE)
    for may in (scopes(one) for one in writes), (scopes(*writes),):
        for held in may:
            bounded = garden.knock(session(EVE, Term(held, frozenset({inside}))))
            unseen = {
                (seen.status, seen.code, seen.json["errors"][0].get("detail"))
                for id_ in (hidden, aside, NodeId(1_000_000_000_000_999))
                for seen in [bounded("PUT", f"/cma/nodes/{id_}/lock")]
            }
            assert len(unseen) == 1
