"""What the answer to a change says of where it holds, and what waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from falcon.testing import Result, TestClient

from counterfoil.app.build import App, build
from counterfoil.gate.lease import LEASE_S
from counterfoil.gates.model import Gate, Heard
from counterfoil.gates.receipts import Receipts
from counterfoil.gates.store import rows
from counterfoil.gates.store.host import HostLeases
from counterfoil.jsonapi.effect import settled
from counterfoil.jsonapi.given import Effect, Given
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.clock import system_ticks
from counterfoil.kernel.ids import GateId
from counterfoil.office import Office
from counterfoil.runtime.bell import Bell
from counterfoil.web.page import Visit
from counterfoil.web.pages.token_stop import PAGES
from counterfoil.web.views import stopped
from support.far import Seconds
from support.gate import BASE
from support.installation import Installed, install
from support.office import START


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[App, Installed, TestClient]]:
    made = install(tmp_path / "data", tokens=2)
    app = build(made.settings)
    yield app, made, TestClient(app.wsgi, headers={"Authorization": f"Bearer {made.tokens[0]}"})
    app.close()


def let_hold(app: App, *, position: int, grace_s: int = 0, gate: int = 0) -> None:
    """Let there be a gate that holds a lease, stands there, and will never be heard of again."""
    leases = app.elsewhere.leases
    assert isinstance(leases, HostLeases)
    with app.database.transaction() as tx:
        rows.add(tx, Gate(GateId(BASE + gate), f"silent {gate}", START), bytes([gate]) * 32)
    leases.prove(system_ticks())
    said = Heard(7, position, lease=True, at=START, grace_s=grace_s)
    assert leases.hear(GateId(BASE + gate), said)


def doomed(client: TestClient) -> str:
    """Return the id of a folder that is there to be trashed."""
    found: list[dict[str, Any]] = client.simulate_get("/cma/nodes").json["data"]
    parent = {"data": {"type": "node", "id": next(one["id"] for one in found)}}
    data = {"type": "node", "attributes": {"kind": "folder", "slug": "doomed"},
            "relationships": {"parent": parent}}  # fmt: skip
    made = client.simulate_post("/cma/nodes", json={"data": data})
    assert made.status_code == 201, made.json
    return str(made.json["data"]["id"])


def trash(client: TestClient, node: str, **headers: str) -> Result:
    return client.simulate_delete(f"/cma/nodes/{node}", headers=headers)


def test_it_holds_everywhere(house: tuple[App, Installed, TestClient]) -> None:
    """Where no gate on another host holds a lease, what was taken away is gone everywhere (R1)."""
    _, _, client = house
    done = trash(client, doomed(client))
    assert (done.status_code, done.json["meta"]["effective"]) == (200, "everywhere")


def test_it_is_looked_before_this_host_takes_it_in(
    house: tuple[App, Installed, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose lease counts is looked right after the commit, and not when this host knows (R1).

    So what this host takes for itself is a part of the two seconds.
    """
    app, _, client = house
    lacks: list[int] = []
    receipts, replica = app.office.receipts, app.replica
    begin = receipts.begin

    def begun(position: int) -> Callable[[], None]:
        lacks.append(position - replica.position())
        begin(position)
        return lambda: lacks.append(position - replica.position())

    node = doomed(client)
    monkeypatch.setattr(receipts, "begin", begun)
    assert trash(client, node).status_code == 200
    assert lacks[0] > 0
    assert lacks[1:] == [0]


def test_a_silent_gate_has_no_lease_by_then(house: tuple[App, Installed, TestClient]) -> None:
    """An answer that says `everywhere` leaves when a gate that is silent holds no lease (R1)."""
    app, _, client = house
    node = doomed(client)
    let_hold(app, position=0)
    done = trash(client, node)
    assert (done.status_code, done.json["meta"]["effective"]) == (200, "everywhere")
    assert GateId(BASE) not in app.elsewhere.leases.running()


def test_who_would_not_wait(house: tuple[App, Installed, TestClient]) -> None:
    """Who prefers an answer at once is told by when it holds everywhere, and is not kept (R1)."""
    app, _, client = house
    node = doomed(client)
    let_hold(app, position=0)
    before = datetime.now(UTC)
    done = trash(client, node, Prefer="respond-async")
    assert done.status_code == 202
    assert done.headers["preference-applied"] == "respond-async"
    meta = done.json["meta"]
    assert meta["effective"] == "host"
    assert datetime.fromisoformat(meta["effective_by"]) >= before + timedelta(seconds=2)
    assert GateId(BASE) in app.elsewhere.leases.running()


def test_what_was_done_before_is_waited_for(house: tuple[App, Installed, TestClient]) -> None:
    """Who asks again, since they were told of no receipt, gets one then (R1)."""
    app, made, client = house
    other = TestClient(app.wsgi, headers={"Authorization": f"Bearer {made.tokens[1]}"})
    token = other.simulate_get("/cma/api_tokens").json["data"]
    name = next(one["id"] for one in token if one["attributes"]["name"] == "service 1")
    let_hold(app, position=0)
    first = client.simulate_delete(f"/cma/api_tokens/{name}", headers={"Prefer": "respond-async"})
    assert first.status_code == 202
    again = client.simulate_delete(f"/cma/api_tokens/{name}")
    assert (again.status_code, again.json["meta"]["effective"]) == (200, "everywhere")
    assert GateId(BASE) not in app.elsewhere.leases.running()


def turn(client: TestClient, token: str, **headers: str) -> Result:
    """Give a token another secret, always under one Idempotency-Key."""
    key = {"Idempotency-Key": "turn-it-this-once"}
    return client.simulate_post(f"/cma/api_tokens/{token}/regenerate", headers={**key, **headers})


def turning(client: TestClient, role: int) -> str:
    """Return the id of a token that is there to be given another secret."""
    data = {"type": "api_token", "attributes": {"name": "turning", "surfaces": ["management"]},
            "relationships": {"role": {"data": {"type": "role", "id": str(role)}}}}  # fmt: skip
    made = client.simulate_post("/cma/api_tokens", json={"data": data})
    assert made.status_code == 201, made.json
    return str(made.json["data"]["id"])


def test_what_is_done_once_holds_everywhere(house: tuple[App, Installed, TestClient]) -> None:
    """Under an Idempotency-Key the first answer and each repeated one say `everywhere` (R1, R9).

    Each leaves when no silent gate holds a lease: the first one may have been cut off by then.
    """
    app, made, client = house
    token = turning(client, made.admin)
    let_hold(app, position=0)
    first = turn(client, token)
    assert (first.status_code, first.json["meta"]["effective"]) == (200, "everywhere")
    assert app.elsewhere.leases.running() == {}
    let_hold(app, position=0, gate=1)
    again = turn(client, token)
    assert (again.status_code, again.json["meta"]["secret_already_shown"]) == (200, True)
    assert app.elsewhere.leases.running() == {}
    for name in ("effective", "position"):
        assert again.json["meta"][name] == first.json["meta"][name]


def test_who_would_not_wait_for_what_is_done_once(
    house: tuple[App, Installed, TestClient],
) -> None:
    """Under an Idempotency-Key too, an answer at once says by when it holds everywhere (R1, R9)."""
    app, made, client = house
    token = turning(client, made.admin)
    let_hold(app, position=0)
    for _ in range(2):
        done = turn(client, token, Prefer="respond-async")
        assert (done.status_code, done.json["meta"]["effective"]) == (202, "host")
        assert done.headers["preference-applied"] == "respond-async"
        assert datetime.fromisoformat(done.json["meta"]["effective_by"]) > datetime.now(UTC)
        assert GateId(BASE) in app.elsewhere.leases.running()
    waited = turn(client, token)
    assert (waited.status_code, waited.json["meta"]["effective"]) == (200, "everywhere")
    assert "effective_by" not in waited.json["meta"]


def test_what_is_done_once_is_not_everywhere_in_a_grace(
    house: tuple[App, Installed, TestClient],
) -> None:
    """Nor do such answers say `everywhere` while a gate may let reads pass in a grace (R2, R9)."""
    app, made, client = house
    token = turning(client, made.admin)
    let_hold(app, position=0, grace_s=30)
    for _ in range(2):
        done = turn(client, token)
        assert (done.status_code, done.json["meta"]["effective"]) == (202, "host")
        assert datetime.fromisoformat(done.json["meta"]["effective_by"]) > datetime.now(UTC)


def test_a_gate_in_its_grace_is_not_everywhere(house: tuple[App, Installed, TestClient]) -> None:
    """While a gate may let reads pass in a grace, nothing is said to hold everywhere (R1, R2).

    The answer leaves when no lease runs, and says by when no grace does either.
    """
    app, _, client = house
    node = doomed(client)
    let_hold(app, position=0, grace_s=30)
    before = datetime.now(UTC)
    done = trash(client, node)
    assert done.status_code == 202
    meta = done.json["meta"]
    assert meta["effective"] == "host"
    assert datetime.fromisoformat(meta["effective_by"]) >= before + timedelta(seconds=31)
    assert app.elsewhere.leases.running() == {}
    again = trash(client, doomed(client))
    assert (again.status_code, again.json["meta"]["effective"]) == (202, "host")


def test_who_would_not_wait_hears_of_the_grace(house: tuple[App, Installed, TestClient]) -> None:
    """Who prefers an answer at once is told when the last grace is over, too (R1, R2)."""
    app, _, client = house
    node = doomed(client)
    let_hold(app, position=0, grace_s=30)
    before = datetime.now(UTC)
    done = trash(client, node, Prefer="respond-async")
    assert done.status_code == 202
    by = datetime.fromisoformat(done.json["meta"]["effective_by"])
    assert by >= before + timedelta(seconds=31)


class Done(Given, frozen=True):
    """What a door gives that has done something."""

    meta: Effect


def test_the_end_of_a_grace_hides_no_lease(office: Office, tmp_path: Path) -> None:
    """An answer at once says a time that no lease outlives, however soon a grace is over (R1).

    One gate has a moment of its grace left, and another one was given a lease just now.
    """
    seconds = Seconds()
    leases = HostLeases(tmp_path / "leases", lambda: True, seconds)
    for gate, host, grace_s in ((BASE, 7, 30), (BASE + 1, 8, 0)):
        seconds.pass_(31.8)
        leases.prove(seconds.now)
        assert leases.hear(GateId(gate), Heard(host, 0, lease=True, at=START, grace_s=grace_s))
    office.receipts = Receipts(leases, Bell(tmp_path / "bells"), seconds)
    assert 0 < office.receipts.lingers_s(9) < 1
    answer = settled(
        Answer(200, Done(meta=Effect(effective="host", position=9))), office, (), deferred=True
    )
    assert isinstance(answer.body, Done)
    assert answer.body.meta.effective_by == office.clock() + timedelta(seconds=LEASE_S)
    leases.close()


def test_a_gate_that_knows_is_no_reason_to_wait(house: tuple[App, Installed, TestClient]) -> None:
    """A gate that stands there already goes by nothing older, whatever its grace (R1, R2)."""
    app, _, client = house
    node = doomed(client)
    let_hold(app, position=1 << 40, grace_s=30)
    done = trash(client, node)
    assert (done.status_code, done.json["meta"]["effective"]) == (200, "everywhere")


@pytest.mark.parametrize("grace_s", [0, 30])
def test_a_page_says_what_is_so(house: tuple[App, Installed, TestClient], grace_s: int) -> None:
    """A page says that a token answers 401 from now on only where no gate lets reads pass (R2)."""
    app, _, client = house
    node = doomed(client)
    let_hold(app, position=0, grace_s=grace_s)
    position = trash(client, node).json["meta"]["position"]
    asked = cast("Any", SimpleNamespace(office=app.office))
    visit = Visit(PAGES[0], asked, "en", cast("Any", None))
    work = cast("Any", SimpleNamespace(position=position, entry=None))
    said = stopped.told(visit, work, "%(name)s is gone.", "%(name)s is going.", name="ci")
    if not grace_s:
        assert [(one.text, one.tone) for one in said] == [("ci is gone.", "good")]
        return
    done, late = said
    assert (done.text, late.tone) == ("ci is going.", "warning")
    assert "may let reads pass" in late.text
