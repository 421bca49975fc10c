"""`organization create` and `user invite`: what the operator does by hand, at the machine."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cli.conftest import Ran, Type
from counterfoil.cli.exits import Exit
from counterfoil.demo.walk import Walk
from counterfoil.directory.store.tables import organizations, users
from counterfoil.runtime.database import Database
from infra.server import Server, serving
from support.provider_only import demand
from support.sample import Talker

ANN, CARA, DAN = "ann@acme.test", "cara@bolt.test", "dan@acme.test"
PASSWORD = "correct horse battery"
CHOSEN = "a password of her own"


def init(typed: Type) -> None:
    said = ("--organization", "Acme", "--name", "Ann", "--email", ANN, "--password-file", "-")
    assert typed("init", "--data-dir", "data", *said, stdin=PASSWORD).code == 0


def create(typed: Type, email: str, *options: str, name: str = "Bolt") -> Ran:
    said = ("--data-dir", "data", "--name", name, "--admin-email", email)
    return typed("organization", "create", *said, *options)


def told(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def signed_in(server: Server, email: str, password: str) -> Talker:
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        return Talker(server.port).bearing(walk.sign_in("somebody", email, password))


def counted(data: Path) -> tuple[int, int]:
    """Return how many organizations and users there are."""
    database = Database(f"sqlite:///{data / 'office.sqlite'}", pool_size=1)
    try:
        with database.reading() as tx:
            tables = (organizations, users)
            found = [tx.scalar(select(func.count()).select_from(table)) for table in tables]
    finally:
        database.close()
    return int(found[0] or 0), int(found[1] or 0)


def test_a_second_organization_begins_whole(typed: Type, tmp_path: Path) -> None:
    """Beside a running server a new organization gets admin, roles and its built-in token (A4)."""
    init(typed)
    with serving(tmp_path / "data") as server:
        made = told(create(typed, CARA, "--admin-name", "Cara", "--preset", "dx", "--json"))
        assert set(made["roles"]) >= {"admin", "developer", "editor", "reader", "scorecard admin"}
        code = {"code": made["invitation"]["code"], "password": CHOSEN}
        assert Talker(server.port)("POST", "/setup", code).status == 204
        cara = signed_in(server, CARA, CHOSEN)
        (built_in,) = cara("GET", "/cma/api_tokens").body["data"]
        assert built_in["attributes"]["hardcoded_type"] == "readonly_access_token"
        (here,) = cara("GET", "/cma/organizations").body["data"]
        assert (here["id"], here["attributes"]["name"]) == (made["organization"]["id"], "Bolt")


def test_one_person_in_two(typed: Type, tmp_path: Path) -> None:
    """Who is known elsewhere signs in as ever; one token then speaks in both places (G1, K13)."""
    init(typed)
    with serving(tmp_path / "data") as server:
        made = told(create(typed, ANN.upper(), "--json"))
        assert made["invitation"] is None
        assert made["admin"]["name"] == "Ann"
        ann = signed_in(server, ANN, PASSWORD)
        unsaid = ann("GET", "/cma/nodes")
        assert unsaid.status == 400
        told_of = {
            one["id"]: one["name"] for one in unsaid.body["errors"][0]["meta"]["organizations"]
        }
        assert told_of[made["organization"]["id"]] == "Bolt"
        places = list(told_of)
        each = ann("GET", "/cma/organizations").body["data"]
        assert {one["id"]: one["attributes"]["name"] for one in each} == told_of
        wanted = {"name": "laptop", "scopes": ["content:read"], "span": "all"}
        body = {"data": {"type": "personal_access_token", "attributes": wanted}}
        here = {"Counterfoil_Organization": places[0]}
        secret = ann("POST", "/cma/personal_access_tokens", body, **here).body["data"]
        token = Talker(server.port).bearing(secret["attributes"]["token"])
        me = token("GET", "/cma/token").body["data"]["relationships"]
        assert me["organization"]["data"]["id"] == places[0]
        ran = typed(
            "pat", "list", "--url", server.url, "--pat-token", ann.headers["Authorization"][7:]
        )
        assert (ran.code, "--organization" in ran.err) == (Exit.FAILED, True)
        assert f"{made['organization']['id']} (Bolt)" in ran.err
        for place in places:
            assert token("GET", "/cma/nodes", Counterfoil_Organization=place).status == 200
        assert token("GET", "/cma/nodes", Counterfoil_Organization="1000000000000000").status == 403


def test_who_is_invited_twice_accepts_twice(typed: Type, tmp_path: Path) -> None:
    """Invitations are asked of nobody's organization: in however many one is already (K13)."""
    init(typed)
    with serving(tmp_path / "data") as server:
        made = [told(create(typed, CARA, "--json"))]
        code = {"code": made[0]["invitation"]["code"], "password": CHOSEN}
        assert Talker(server.port)("POST", "/setup", code).status == 204
        made += [told(create(typed, CARA, "--json", name=name)) for name in ("Core", "Deck")]
        cara, ann = signed_in(server, CARA, CHOSEN), signed_in(server, ANN, PASSWORD)
        codes = {}
        for one in made:
            id_, role = one["organization"]["id"], {"type": "role", "id": one["roles"]["reader"]}
            user = {
                "type": "user",
                "attributes": {"name": "Ann", "email": ANN},
                "relationships": {"roles": {"data": [role]}},
            }
            asked = cara("POST", "/cma/users", {"data": user}, Counterfoil_Organization=id_)
            codes[id_] = asked.body["meta"]["invitation"]["code"]
        *accepted, declined = codes
        for id_ in accepted:
            assert id_ in {one["id"] for one in ann("GET", "/cma/invitations").body["data"]}
            yes = {"data": {"type": "invitation", "attributes": {"code": codes[id_]}}}
            assert ann("POST", f"/cma/invitations/{id_}/accept", yes).status == 200
        assert ann("POST", f"/cma/invitations/{declined}/decline").status == 204
        assert ann("GET", "/cma/invitations").body["data"] == []
        assert len(ann("GET", "/cma/organizations").body["data"]) == 3


def test_what_is_said_to_a_person(typed: Type) -> None:
    """The operator reads the id, the admin and the code, and what to do with it."""
    init(typed)
    ran = create(typed, CARA)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("org_")
    assert f"admin     {CARA}" in ran.out
    assert "code      cfi_" in ran.out
    assert "at        /setup" in ran.out
    assert "✓ Bolt is founded" in ran.err


def test_an_invitation_by_hand(typed: Type, tmp_path: Path) -> None:
    """Whom no admin may invite, the operator does: the old password and sessions are over (S44)."""
    init(typed)
    with serving(tmp_path / "data") as server:
        ann = signed_in(server, ANN, PASSWORD)
        made = told(typed("user", "invite", ANN, "--data-dir", "data", "--json"))
        talk = Talker(server.port)
        chosen = {"code": made["invitation"]["code"], "password": CHOSEN}
        assert talk("POST", "/setup", chosen).status == 204
        assert talk("POST", "/signin", {"email": ANN, "password": PASSWORD}).status == 401
        assert talk("POST", "/signin", {"email": ANN, "password": CHOSEN}).status == 204
        assert ann("GET", "/cma/token").status == 401


def test_the_operator_shuts_out_and_lets_in(typed: Type, tmp_path: Path) -> None:
    """Who is shut out at the machine signs in nowhere until let in; the last admin stays (S20)."""
    init(typed)
    told(create(typed, CARA, "--json"))
    with serving(tmp_path / "data") as server:
        ann, talk = signed_in(server, ANN, PASSWORD), Talker(server.port)
        (reader,) = [
            role for role in ann("GET", "/cma/roles").body["data"]
            if role["attributes"]["name"] == "reader"
        ]  # fmt: skip
        roles = {"roles": {"data": [{"type": "role", "id": reader["id"]}]}}
        person = {"name": "Dan", "email": DAN}
        data = {"type": "user", "attributes": person, "relationships": roles}
        code = ann("POST", "/cma/users", {"data": data}).body["meta"]["invitation"]["code"]
        assert talk("POST", "/setup", {"code": code, "password": CHOSEN}).status == 204
        for act, status in (("deactivate", 401), ("reactivate", 204)):
            assert typed("user", act, DAN, "--data-dir", "data").code == 0
            assert talk("POST", "/signin", {"email": DAN, "password": CHOSEN}).status == status
    assert typed("user", "deactivate", CARA, "--data-dir", "data").code == Exit.CONFLICT
    assert typed("user", "deactivate", "no@acme.test", "--data-dir", "data").code == Exit.NOT_FOUND


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--name", " "),
        ("--admin-email", "cara"),
        ("--admin-name", "a\nb"),
        ("--preset", "mine"),
    ],
)
def test_what_is_wrong_is_named(typed: Type, tmp_path: Path, option: str, value: str) -> None:
    """A value that cannot be is refused by its option's name, and nothing is made (2)."""
    init(typed)
    before = counted(tmp_path / "data")
    ran = create(typed, CARA, option, value)
    assert ran.code == Exit.USAGE
    assert f"✗ {option}: " in ran.err
    assert counted(tmp_path / "data") == before


def test_without_an_installation_there_is_nothing_to_add_to(typed: Type, tmp_path: Path) -> None:
    """Where nothing was ever begun it exits 3, says how to begin, and makes nothing."""
    for ran in (create(typed, CARA), typed("user", "invite", CARA, "--data-dir", "data")):
        assert (ran.code, "counterfoil init" in ran.err) == (Exit.CONFIG, True)
    assert not (tmp_path / "data").exists()


def test_nobody_is_invited(typed: Type) -> None:
    """An e-mail address that nobody has exits 6."""
    init(typed)
    ran = typed("user", "invite", "nobody@acme.test", "--data-dir", "data")
    assert (ran.code, "nobody@acme.test" in ran.err) == (Exit.NOT_FOUND, True)


def test_the_operator_restores_a_built_in_role(typed: Type) -> None:
    """At the machine, by the id that the trail names, and under a name that there is (S5)."""
    init(typed)
    admin = told(create(typed, CARA, "--json"))["roles"]["admin"]
    restore = ("organization", "restore-role", "--data-dir", "data")
    lost = typed(*restore, "rol_1", "--as", "admin")
    assert (lost.code, "There is no role rol_1" in lost.err) == (Exit.NOT_FOUND, True)
    wrong = typed(*restore, f"rol_{admin}", "--as", "owner")
    assert (wrong.code, "Built-in roles are" in wrong.err) == (Exit.USAGE, True)
    taken = typed(*restore, f"rol_{admin}", "--as", "reader")
    assert (taken.code, "There is a role named" in taken.err) == (Exit.USAGE, True)
    tried = typed(*restore, f"rol_{admin}", "--as", "admin", "--dry-run")
    assert (tried.code, "would be the built-in role" in tried.err) == (0, True)
    done = typed(*restore, f"rol_{admin}", "--as", "admin")
    assert (done.code, "members who hold it: 1" in done.err) == (0, True)
    sealed = typed("seal", "--data-dir", "data")
    assert (sealed.code, "sealed already" in sealed.err) == (0, True)


def test_the_operator_takes_back_the_demand_for_a_provider(typed: Type) -> None:
    """At the machine, by name or id, and once: afterwards there is nothing to take back (S44)."""
    init(typed)
    here = told(create(typed, CARA, "--json"))["organization"]["id"]
    demand(Path("data"), int(here))
    lift = ("organization", "lift-provider-only", "--data-dir", "data")
    for named in ("Nobody", "org_1"):
        lost = typed(*lift, named)
        assert (lost.code, "name it by its id (org_…)" in lost.err) == (Exit.NOT_FOUND, True)
    tried = typed(*lift, "Bolt", "--dry-run")
    assert (tried.code, "would be entered again" in tried.err) == (0, True)
    lifted = typed(*lift, f"org_{here}")
    assert (lifted.code, "✓ Bolt is entered again" in lifted.err) == (0, True)
    again = typed(*lift, "Bolt")
    assert (again.code, "nothing to do" in again.err) == (0, True)
