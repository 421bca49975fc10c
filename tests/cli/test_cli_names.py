"""People and organizations are called by their names, and asked about once."""

from __future__ import annotations

from cli.conftest import Type
from support.fake_server import Answering, Heard, Says, StandIn

TOKEN = "cfp_" + "n" * 49
BEN, DORA = "1000000000000001", "1000000000000002"
WHO = {"type": "session", "id": "1", "attributes": {"name": "x", "scopes": []}}


def entry(id_: str, user: str) -> dict[str, object]:
    return {
        "type": "audit_event",
        "id": id_,
        "attributes": {"at": "2026-03-01T12:00:00Z", "operation": "node.show"},
        "relationships": {"user": {"data": {"type": "user", "id": user}}},
    }


def trail(people: Says) -> Answering:
    def says(heard: Heard) -> Says:
        if heard.target.startswith("/cma/audit_events"):
            return Says(200, {"data": [entry("3", BEN), entry("2", BEN), entry("1", DORA)]})
        return people

    return says


def test_the_trail_names_people_in_a_pipe_too(typed: Type, server: StandIn) -> None:
    """Each line has the id and the name of who it was; each is asked about once (X2)."""
    server.says = trail(Says(200, {"data": {"attributes": {"name": "Ben"}}}))
    ran = typed("audit", "tail", "--url", server.url, "--pat-token", TOKEN)
    assert ran.out.splitlines()[-1].split("\t")[2:4] == [f"usr_{BEN}", "Ben"]
    assert [heard.target for heard in server.heard if "/users/" in heard.target] == [
        f"/cma/users/{DORA}",
        f"/cma/users/{BEN}",
    ]


def test_whoever_may_not_know_names_sees_ids(typed: Type, server: StandIn) -> None:
    """Where names are not to be known there are ids, and one denial on record is enough (X2)."""
    server.says = trail(Says(403, {"errors": [{"code": "INSUFFICIENT_SCOPE"}]}))
    ran = typed("audit", "tail", "--url", server.url, "--pat-token", TOKEN)
    assert [line.split("\t")[2:4] for line in ran.out.splitlines()] == [
        [f"usr_{who}"] * 2 for who in (DORA, BEN, BEN)
    ]
    assert len([heard for heard in server.heard if "/users/" in heard.target]) == 1


def test_login_says_where_one_can_act(typed: Type, server: StandIn) -> None:
    """Who is in several organizations is told which, and how to choose; who chose is not (K13)."""
    places = [("1000000000000003", "Acme"), ("1000000000000004", "Bolt\x1b[2J")]

    def says(heard: Heard) -> Says:
        if heard.target == "/cma/organizations":
            each = [{"id": id_, "attributes": {"name": name}} for id_, name in places]
            return Says(200, {"data": each})
        return Says(200, {"data": WHO})

    server.says = says
    login = ("auth", "login", "--url", server.url, "--token", TOKEN)
    told = typed(*login).err
    for expected in ("in 2 organizations", "org_1000000000000003  Acme", "Bolt\\x1b[2J"):
        assert expected in told
    assert "counterfoil configure --organization" in told
    assert "organizations" not in typed(*login, "--organization", "1000000000000003").err
    assert "organizations" not in typed(*login).err
    del places[1]
    typed("auth", "logout")
    assert "organizations" not in typed(*login).err
