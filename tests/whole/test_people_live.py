"""Somebody is let in at the real server: enrolled by an admin, and signed in by themselves."""

from __future__ import annotations

from contextlib import closing

from counterfoil.demo.walk import Walk
from infra.server import Server
from support.sample import Sample, Talker

CARA = "cara@harbour.example"
CHOSEN = "a password of Cara's own"


def signed_in(server: Server, email: str, password: str) -> Talker:
    """Sign in as a program does, and carry the session."""
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        return Talker(server.port).bearing(walk.sign_in("somebody", email, password))


def test_a_new_member_comes_in_and_mints(sample: Sample, server: Server) -> None:
    """Enrolled by an admin, a person chooses a password, signs in and gets a token (A7, G3)."""
    ann, talk = sample.told["people"][0], Talker(server.port)
    admin = signed_in(server, ann["email"], ann["password"])
    role = {"type": "role", "id": sample.told["roles"]["developer"]}
    body = {
        "data": {
            "type": "user",
            "attributes": {"name": "Cara", "email": CARA},
            "relationships": {"roles": {"data": [role]}},
        }
    }
    made = admin("POST", "/cma/users", body)
    assert made.status == 201, made.body
    code = made.body["meta"]["invitation"]["code"]
    assert talk("GET", "/cma/token", Authorization=f"Bearer {code}").status == 401
    assert talk("POST", "/setup", {"code": code, "password": CHOSEN}).status == 204
    cara = signed_in(server, CARA, CHOSEN)
    wanted = {"name": "laptop", "scopes": ["content:read"]}
    asked = cara(
        "POST",
        "/cma/personal_access_tokens",
        {"data": {"type": "personal_access_token", "attributes": wanted}},
    )
    assert (asked.status, asked.body["data"]["attributes"]["state"]) == (202, "pending")
    reset = admin("POST", f"/cma/users/{made.body['data']['id']}/invitation")
    assert reset.status == 200
    assert {cara("GET", "/cma/token").status for _ in range(8)} == {401}
