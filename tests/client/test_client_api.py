"""The typed calls, against answers as the API gives them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from counterfoil.client import Bearer, SecretLost, Unexpected
from counterfoil.secret import Kind, Secret
from support.clients import Dial
from support.fake_server import Heard, Says, StandIn

SECRET = Secret.mint(Kind.PERSONAL, lambda length: bytes(range(length))).reveal()
ID = "1234567890123456"


def token(**attributes: object) -> dict[str, Any]:
    """Return a personal token as the API describes it."""
    described = {
        "name": "ci",
        "state": "active",
        "token_hint": "cfp_…abcd",
        "scope_mode": "explicit",
        "scopes": ["content:read"],
        "roots": None,
        "surfaces": ["delivery"],
        "expires_at": None,
        **attributes,
    }
    return {"type": "personal_access_token", "id": ID, "attributes": described}


def test_a_new_token_carries_its_secret_apart(dial: Dial, server: StandIn) -> None:
    """The secret of a new token is handed out once, and no other part of it holds it (A12)."""
    server.script(Says(201, {"data": token(token=SECRET)}, {"etag": '"1"'}))
    made = dial.client(server.url, Bearer("x")).tokens.create("ci")
    assert made.secret is not None
    assert made.secret.reveal() == SECRET
    assert SECRET not in repr(made)
    assert SECRET not in str(made.source)
    assert (made.version, made.spelled) == (1, f"tok_{ID}")
    sent = server.heard[0].json["data"]
    assert sent == {"type": "personal_access_token", "attributes": {"name": "ci"}}


def test_a_secret_that_got_lost_is_said_to_be_lost(dial: Dial, server: StandIn) -> None:
    """A repeated create that finds its first attempt done says which token to delete (R9)."""
    server.script(Says(0), Says(201, {"data": token(token=None)}))
    client = dial.client(server.url, Bearer("x"), sleep=lambda _seconds: None)
    with pytest.raises(SecretLost, match=f"tok_{ID}"):
        client.tokens.create("ci")


@pytest.mark.parametrize("nothing", [{"scopes": []}, {"roots": []}, {"roots": [""]}])
def test_nothing_is_not_all(dial: Dial, server: StandIn, nothing: dict[str, Any]) -> None:
    """Whoever narrows a token to no scope or no root is told so, and gets none of all (S27)."""
    with pytest.raises(ValueError, match="None for all"):
        dial.client(server.url, Bearer("x")).attenuate(**nothing)
    assert server.heard == []


def test_pages_are_followed_by_their_cursor_alone(
    dial: Dial, server: StandIn, other: StandIn
) -> None:
    """Only the cursor of a `next` link is used, so a link elsewhere leads nowhere (S16)."""

    def says(heard: Heard) -> Says:
        if "page%5Bafter%5D=two" in heard.target:
            return Says(200, {"data": [token(name="b")], "links": {"next": None}})
        link = f"{other.url}/cma/personal_access_tokens?page%5Bafter%5D=two"
        return Says(200, {"data": [token(name="a")], "links": {"next": link}})

    server.says = says
    names = [one.name for one in dial.client(server.url, Bearer("x")).tokens.list()]
    assert names == ["a", "b"]
    assert other.heard == []


def test_a_list_that_leads_to_itself_ends(dial: Dial, server: StandIn) -> None:
    """A server whose next page is the same page is not asked for ever (R9)."""
    link = "/cma/personal_access_tokens?page%5Bafter%5D=x"
    server.script(Says(200, {"data": [], "links": {"next": link}}))
    assert list(dial.client(server.url, Bearer("x")).tokens.list()) == []
    assert len(server.heard) == 2


def test_a_decision_names_the_version_that_was_seen(dial: Dial, server: StandIn) -> None:
    """Approving and denying send If-Match, so that nobody decides what they did not read (S22)."""
    resource = {"type": "token_request", "id": ID, "attributes": {"state": "approved"}}
    server.script(Says(200, {"data": resource}))
    client = dial.client(server.url, Bearer("x"))
    assert (
        client.token_requests.approve(f"req_{ID}", 3, {"scopes": ["content:read"]}).state
        == "approved"
    )
    client.token_requests.deny(f"req_{ID}", 4, "no need")
    approved, denied = server.heard
    assert approved.headers["if-match"] == '"3"'
    assert approved.target == f"/cma/token_requests/req_{ID}/approve"
    assert approved.json["data"]["attributes"] == {"scopes": ["content:read"]}
    assert denied.headers["if-match"] == '"4"'
    assert denied.json["data"]["attributes"] == {"reason": "no need"}


def test_an_id_stays_one_part_of_the_path(dial: Dial, server: StandIn) -> None:
    """What is typed as an id cannot lead the call to another address (S34)."""
    server.script(Says(200, {"data": token()}))
    dial.client(server.url, Bearer("x")).tokens.get("../users?x=1#y")
    assert server.heard[0].target == "/cma/personal_access_tokens/..%2Fusers%3Fx%3D1%23y"


@pytest.mark.parametrize(
    "data", [None, [], "x", {}, {"type": "user", "id": ID, "attributes": {}}, {"attributes": {}}]
)
def test_a_resource_of_another_kind_is_an_error(dial: Dial, server: StandIn, data: object) -> None:
    """What is not what was asked for is an error that says so, not a crash (A19)."""
    server.script(Says(200, {"data": data}))
    with pytest.raises(Unexpected):
        dial.client(server.url, Bearer("x")).tokens.get(ID)


def test_an_instant_has_its_offset(dial: Dial, server: StandIn) -> None:
    """An expiry is sent as the API spells it, and one without a time zone is not sent (S24)."""
    server.script(Says(201, {"data": token(token=SECRET)}))
    client = dial.client(server.url, Bearer(SECRET))
    client.tokens.create(
        "ci", expires_at=datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    )
    assert server.heard[0].json["data"]["attributes"]["expires_at"] == "2026-03-01T12:00:00Z"
    with pytest.raises(ValueError, match="expires_at has no time zone"):
        client.tokens.create("ci", expires_at=datetime(2026, 3, 1, 13))  # noqa: DTZ001 - that is it
    assert len(server.heard) == 1


def test_what_is_not_said_is_not_sent(dial: Dial, server: StandIn) -> None:
    """A term that is left out stays as it was; None says everything, or never (K7)."""
    server.script(Says(200, {"data": token()}))
    client = dial.client(server.url, Bearer(SECRET))
    client.tokens.edit(f"tok_{ID}", version=3, roots=None)
    client.tokens.edit(ID, name="x")
    first, second = (heard.json["data"] for heard in server.heard)
    assert first == {"type": "personal_access_token", "id": ID, "attributes": {"roots": None}}
    assert second["attributes"] == {"name": "x"}
    assert [heard.headers.get("if-match") for heard in server.heard] == ['"3"', None]


def test_a_receipt_is_handed_out(dial: Dial, server: StandIn) -> None:
    """Whoever takes power away by the client is told where that holds, and by when (R1)."""
    by = {"effective": "host", "position": 7, "effective_by": "2027-01-01T12:00:02Z"}
    server.script(
        Says(
            200,
            {"data": token(state="revoked"), "meta": {"effective": "everywhere", "position": 6}},
        ),
        Says(202, {"data": token(state="disabled"), "meta": by}, {"etag": '"2"'}),
        Says(200, {"data": token()}),
    )
    client = dial.client(server.url, Bearer("x"))
    gone = client.tokens.revoke(ID)
    assert gone is not None
    assert (gone.everywhere, gone.said) == (True, {"effective": "everywhere", "position": 6})
    late = client.tokens.edit(ID, enabled=False).effect
    assert late is not None
    assert (late.everywhere, late.said) == (False, by)
    assert client.tokens.get(ID).effect is None
