"""Two hosts on one database: who has seen a position is not judged by what came before it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from falcon.testing import Result, TestClient

from counterfoil.app.build import App, build
from counterfoil.feed.outbox import read_head
from counterfoil.runtime.settings import Settings
from counterfoil.signin.model import CLI
from support.installation import EMAIL, PASSWORD, Installed, install
from support.signin import CALLBACK, CHALLENGE

KEYS = ("audit.key", "cursor.key", "seal.key")
TOKEN = "/cma/token"
POSITION = "Counterfoil-Position"


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return install(tmp_path / "data")


@pytest.fixture
def hosts(installed: Installed, tmp_path: Path) -> Iterator[tuple[App, App]]:
    """Two hosts, none of which follows the feed on its own: nothing is started."""
    one, other = (build(host(installed.settings, tmp_path / name)) for name in ("one", "other"))
    yield one, other
    one.close()
    other.close()


def host(first: Settings, data_dir: Path) -> Settings:
    """Return the settings of another host on the database of the first, with copies of its keys."""
    other = replace(first, data_dir=data_dir, database_url=first.url)
    other.prepare()
    for key in KEYS:
        shutil.copy2(first.data_dir / key, data_dir / key)
    return other


def ask(app: App, token: str, method: str = "GET", **headers: str) -> Result:
    sent = {"Authorization": f"Bearer {token}", **headers}
    return TestClient(app.wsgi).simulate_request(method, TOKEN, headers=sent)


def test_another_host_knows_what_this_one_answered(
    hosts: tuple[App, App], installed: Installed
) -> None:
    """A token that ended here is refused there, for whoever says from which position on (S29)."""
    (one, other), (token,) = hosts, installed.tokens
    ended = ask(one, token, "DELETE")
    position = ended.headers["Counterfoil-Position"]
    assert position == str(ended.json["meta"]["position"])
    assert ask(one, token).status_code == 401
    assert ask(other, token).status_code == 200
    there = ask(other, token, **{"Counterfoil-At-Least": position})
    assert (there.status_code, there.json["errors"][0]["code"]) == (401, "INVALID_TOKEN")


def test_what_was_never_written_is_not_waited_for(
    hosts: tuple[App, App], installed: Installed
) -> None:
    """A position that the feed has not reached is 503, whoever asks, and changes nothing (S29)."""
    (one, _), (token,) = hosts, installed.tokens
    ahead = str(one.replica.position() + 1)
    early = ask(one, token, "DELETE", **{"Counterfoil-At-Least": ahead})
    assert (early.status_code, early.headers["Retry-After"]) == (503, "1")
    assert early.json["errors"][0]["code"] == "NOT_READY"
    assert ask(one, token).status_code == 200


def head(app: App) -> str:
    with app.database.reading() as tx:
        return str(read_head(tx).position)


def page(made: Installed, slug: str) -> dict[str, object]:
    parent = {"data": {"type": "node", "id": str(made.root)}}
    attributes = {"kind": "folder", "slug": slug}
    data = {"type": "node", "attributes": attributes, "relationships": {"parent": parent}}
    return {"data": data}


def test_a_write_that_no_gate_hears_of(hosts: tuple[App, App], installed: Installed) -> None:
    """It moves the feed by nothing, and says where the feed stood when it was committed (S29)."""
    (one, _), (token,) = hosts, installed.tokens
    client = TestClient(one.wsgi, headers={"Authorization": f"Bearer {token}"})
    made = client.simulate_post("/cma/nodes", json=page(installed, "news"))
    assert made.headers[POSITION] == head(one)
    lock = f"/cma/nodes/{made.json['data']['id']}/lock"
    assert client.simulate_put(lock).headers[POSITION] == made.headers[POSITION] == head(one)
    released = client.simulate_delete(lock)
    assert (released.status_code, released.headers[POSITION]) == (204, head(one))


def test_what_was_refused_has_no_position(hosts: tuple[App, App], installed: Installed) -> None:
    """A refusal is on record, and changed nothing: its answer says no position (S29)."""
    (one, _), (token,) = hosts, installed.tokens
    client = TestClient(one.wsgi, headers={"Authorization": f"Bearer {token}"})
    for refused in (
        client.simulate_post("/cma/nodes", json=page(installed, "no/slug")),
        client.simulate_delete("/cma/nodes/4031846205310216"),
    ):
        assert refused.status_code in {404, 422}, refused.text
        assert POSITION not in refused.headers
    assert POSITION not in client.simulate_get("/cma/nodes").headers


def test_a_repeated_request_says_the_first_position(
    hosts: tuple[App, App], installed: Installed
) -> None:
    """By its Idempotency-Key a write is asked for again: it stands where it stood (S29)."""
    (one, _), (token,) = hosts, installed.tokens
    key = {"Authorization": f"Bearer {token}", "Idempotency-Key": "the-very-same-request"}
    client = TestClient(one.wsgi, headers=key)
    first = client.simulate_post("/cma/nodes", json=page(installed, "first"))
    between = TestClient(one.wsgi, headers={"Authorization": f"Bearer {token}"})
    later = between.simulate_post("/cma/nodes", json=page(installed, "second"))
    again = client.simulate_post("/cma/nodes", json=page(installed, "first"))
    assert again.json["data"]["id"] == first.json["data"]["id"]
    assert again.headers[POSITION] == first.headers[POSITION] != later.headers[POSITION]


def test_a_browser_hears_it_too(hosts: tuple[App, App]) -> None:
    """To sign in, to be given a code and to sign out are writes like others (S29)."""
    one, _ = hosts
    asks = {"response_type": "code", "client_id": CLI, "redirect_uri": CALLBACK}
    proof = {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "s"}
    client = TestClient(one.wsgi, headers={"Host": "localhost"})
    said = client.simulate_post("/signin", json={"email": EMAIL, "password": PASSWORD})
    assert (said.status_code, said.headers[POSITION]) == (204, head(one))
    cookies = {name: cookie.value for name, cookie in said.cookies.items()}
    code = client.simulate_get("/oauth/authorize", params=asks | proof, cookies=cookies)
    assert (code.status_code, code.headers[POSITION]) == (303, head(one))
    gone = client.simulate_post("/signout", cookies=cookies)
    assert (gone.status_code, gone.headers[POSITION]) == (204, head(one))
