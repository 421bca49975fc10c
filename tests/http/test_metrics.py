"""What an office tells Prometheus: to whom, in which words, and that they add up."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from falcon.testing import Result, TestClient
from prometheus_client.parser import text_string_to_metric_families

from counterfoil.app import gates
from counterfoil.app.build import App, build
from counterfoil.app.metering import Count, Metering
from counterfoil.audit import checkpoint, witness
from counterfoil.gates.model import Heard
from counterfoil.gates.store.host import HostLeases
from counterfoil.gates.store.rows import gates_in
from counterfoil.kernel.clock import system_ticks
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.counters import Counters, CrowdedError
from counterfoil.runtime.settings import SettingError
from counterfoil.webhooks.model import State
from infra.wait import wait_until
from support.installation import Installed, install

SECRET = "scraped-every-fifteen-seconds-by-us"
_COMMITS = "counterfoil_revocation_propagation_seconds_count"
NAMES = {
    "counterfoil_verifications",
    "counterfoil_revocation_propagation_seconds",
    "counterfoil_webhook_deliveries",
    "counterfoil_tokens",
    "counterfoil_approvals_pending",
    "counterfoil_feed_position",
    "counterfoil_replica_position",
    "counterfoil_replica_lag_seconds",
    "counterfoil_gate_journal_lag_seconds",
    "counterfoil_disk_free_bytes",
    "counterfoil_gate_differs",
    "counterfoil_audit_broken",
    "counterfoil_audit_unsigned_seconds",
    "counterfoil_clock_ahead_seconds",
    "counterfoil_clock_apart_seconds",
    "counterfoil_build_info",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[App, Installed, TestClient]]:
    """An office whose Prometheus presents a secret, and that did nothing in the background yet."""
    made = install(tmp_path / "data", tokens=3)
    file = tmp_path / "metrics.secret"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    app = build(replace(made.settings, metrics_secret_file=str(file)))
    yield app, made, TestClient(app.wsgi)
    app.close()


def _scraped(client: TestClient, secret: str = SECRET) -> Result:
    return client.simulate_get("/metrics", headers={"Authorization": f"Bearer {secret}"})


def _told(app: App) -> dict[tuple[str, ...], float]:
    """Return each value by its name and the texts of its labels, as Prometheus reads them."""
    app.metering.publish()
    return {
        (sample.name, *(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(app.metering.exposition().decode())
        for sample in family.samples
    }


def test_it_speaks_as_prometheus_reads(house: tuple[App, Installed, TestClient]) -> None:
    """Its own parser reads all of it, each family has words, and no label names anybody (S54)."""
    app, made, client = house
    app.metering.count_tokens()
    answer = _scraped(client)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4"
    families = list(text_string_to_metric_families(answer.text))
    assert {one.name for one in families} == NAMES
    assert all(one.documentation for one in families)
    labels = {text for one in families for sample in one.samples for text in sample.labels.values()}
    named = {str(made.organization), "Acme", *(f"service {number}" for number in range(3))}
    assert not labels & named


def test_it_is_closed_without_the_secret(house: tuple[App, Installed, TestClient]) -> None:
    """Neither nobody, nor another secret, nor a token of an admin is told anything (S54)."""
    _, made, client = house
    assert client.simulate_get("/metrics").status_code == 401
    for wrong in ("", SECRET[:-1], f"{SECRET}x", made.tokens[0]):
        answer = _scraped(client, wrong)
        assert (answer.status_code, "counterfoil_" in answer.text) == (401, False)
    assert _scraped(client).status_code == 200


def test_it_is_not_there_unless_asked_for(tmp_path: Path) -> None:
    """Where no secret is set there are no numbers, for anybody (S54)."""
    app = build(install(tmp_path / "data").settings)
    assert _scraped(TestClient(app.wsgi), "").status_code == 404
    app.close()


@pytest.mark.parametrize(("text", "mode"), [("short", 0o600), (SECRET, 0o644)])
def test_a_poor_secret_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    """An office does not begin with a secret that is short, or that others may read."""
    file = tmp_path / "metrics.secret"
    file.write_text(text)
    file.chmod(mode)
    settings = install(tmp_path / "data").settings
    with pytest.raises(SettingError, match="COUNTERFOIL_METRICS_SECRET_FILE"):
        build(replace(settings, metrics_secret_file=str(file)))


def test_verifications_are_counted(house: tuple[App, Installed, TestClient]) -> None:
    """Each credential counts once, by what became of it and where; a scrape counts nowhere."""
    app, made, client = house
    bearer = {"Authorization": f"Bearer {made.tokens[0]}"}
    for _ in range(3):
        assert client.simulate_get("/cda/nodes", headers=bearer).status_code == 200
    assert client.simulate_get("/cma/nodes", headers=bearer).status_code == 200
    wrong = {"Authorization": f"Bearer {made.tokens[0][:-1]}!"}
    assert client.simulate_get("/cda/nodes", headers=wrong).status_code == 401
    assert client.simulate_get("/cda/nodes").status_code == 401
    for _ in range(2):
        assert _scraped(client).status_code == 200
    told = _told(app)
    named = "counterfoil_verifications_total"
    assert told[named, "allowed", "delivery"] == 3
    assert told[named, "allowed", "management"] == 1
    assert told[named, "refused", "delivery"] == 1
    assert sum(value for key, value in told.items() if key[0] == named) == 5


def test_gates_on_other_hosts_are_timed(house: tuple[App, Installed, TestClient]) -> None:
    """A revocation is timed until a gate elsewhere has said that it knows, or has no lease (R1)."""
    app, made, client = house
    gates.add(made.settings, "eu-1")
    with app.database.reading() as tx:
        [gate] = gates_in(tx)
    assert isinstance(app.elsewhere.leases, HostLeases)
    wait_until(lambda: _holds(app, gate.id), "the gate to be given a lease")
    bearer = {"Authorization": f"Bearer {made.tokens[0]}"}
    listed = client.simulate_get("/cma/api_tokens", headers=bearer).json["data"]
    victim = next(one["id"] for one in listed if one["attributes"]["name"] == "service 2")
    assert client.simulate_delete(f"/cma/api_tokens/{victim}", headers=bearer).status_code == 200
    told = _told(app)
    assert told[_COMMITS, "elsewhere"] == 1


def _holds(app: App, gate: GateId) -> bool:
    """Let a gate say that it stands at the beginning; say whether that gave it a lease."""
    leases = app.elsewhere.leases
    assert isinstance(leases, HostLeases)
    leases.prove(system_ticks())
    return leases.hear(gate, Heard(host=1, position=0, lease=True, at=app.office.clock()))


def test_commits_and_tokens_are_told(house: tuple[App, Installed, TestClient]) -> None:
    """A revocation is timed until the gates know of it, and tokens are counted as they stand."""
    app, made, client = house
    bearer = {"Authorization": f"Bearer {made.tokens[0]}"}
    listed = client.simulate_get("/cma/api_tokens", headers=bearer).json["data"]
    victim = next(one["id"] for one in listed if one["attributes"]["name"] == "service 2")
    before = _told(app)[_COMMITS, "here"]
    assert client.simulate_delete(f"/cma/api_tokens/{victim}", headers=bearer).status_code == 200
    assert ("counterfoil_tokens", "service", "active") not in _told(app)
    app.metering.count_tokens()
    told = _told(app)
    assert told[_COMMITS, "here"] == before + 1
    assert told[_COMMITS, "elsewhere"] == 0
    assert told["counterfoil_tokens", "service", "revoked"] == 1
    assert told["counterfoil_tokens", "service", "active"] == 2
    assert told["counterfoil_approvals_pending",] == 0
    assert told["counterfoil_replica_lag_seconds",] == 0
    assert told["counterfoil_replica_position",] == told["counterfoil_feed_position",] > 0


def test_a_replica_that_is_behind_says_how_much(
    house: tuple[App, Installed, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While changes are not here yet, the lag is how old the newest of them is."""
    app, _, _ = house
    monkeypatch.setattr(app.replica, "position", lambda: 1)
    later = app.office.clock() + timedelta(minutes=5)
    behind = Metering(app.settings, app.database, app.replica, _Standing(later))  # type: ignore[arg-type]
    lines = behind.exposition().decode().splitlines()
    (lag,) = (line for line in lines if line.startswith("counterfoil_replica_lag_seconds "))
    assert float(lag.split()[1]) == pytest.approx(300, abs=60)
    behind.close()


class _Standing:
    """A clock that stands."""

    def __init__(self, at: object) -> None:
        self._at = at

    def __call__(self) -> object:
        return self._at


def test_a_trail_that_is_another_is_told(house: tuple[App, Installed, TestClient]) -> None:
    """What nobody signed is told by its age, and a trail that does not go on as broken (R15)."""
    app, *_, client = house
    entry = {"Authorization": f"Bearer {house[1].tokens[1]}"}
    assert client.simulate_delete("/cma/token", headers=entry).status_code == 200
    time.sleep(0.01)
    assert _values(client, "counterfoil_audit_unsigned_seconds")[0] > 0
    checkpoint.keep(app.database, app.office.signer, app.office.clock)
    with app.database.reading() as tx:
        witness.look(app.settings.audit_seen_file, tx, app.office.signer.public)
    assert _values(client, "counterfoil_audit_unsigned_seconds") == [0]
    assert _values(client, "counterfoil_audit_broken") == [0]
    seen = app.settings.audit_seen_file
    other = witness.seen(seen, app.office.signer.public)
    assert other is not None
    with app.database.reading() as tx:
        lines = other.note.splitlines()[:5]
        lines[2] = b64encode(bytes(32)).decode()
        note = app.office.signer.sign("".join(f"{line}\n" for line in lines))
        seen.write_text(note)
        assert not witness.goes_on(seen, tx, app.office.signer.public)
    assert _values(client, "counterfoil_audit_broken") == [1]


def _values(client: TestClient, name: str) -> list[float]:
    families = text_string_to_metric_families(_scraped(client).text)
    return [one.value for family in families for one in family.samples if one.name == name]


def test_deliveries_are_counted(house: tuple[App, Installed, TestClient]) -> None:
    """Each try to tell a webhook counts by what became of it."""
    app, _, _ = house
    for state in (State.DELIVERED, State.DELIVERED, State.GIVEN_UP):
        app.metering.delivered(state)
    told = _told(app)
    named = "counterfoil_webhook_deliveries_total"
    assert (told[named, "delivered"], told[named, "given_up"], told[named, "waiting"]) == (2, 1, 0)


def test_processes_count_together(tmp_path: Path) -> None:
    """Whoever is asked adds up all places, and who takes a place counts on there."""
    first = Counters(tmp_path / "numbers", 2, states=1, places=1)
    first.words[0] = 7
    first.words[first.at + 1] += 5
    first.close()
    again = Counters(tmp_path / "numbers", 2, states=1, places=1)
    again.words[again.at + 1] += 1
    assert (list(again.totals()), list(again.states())) == ([0, 6], [7])
    again.close()
    with pytest.raises(CrowdedError):
        Counters(tmp_path / "numbers", 2, places=0)


def test_a_look_counts_nothing() -> None:
    """However often a number is looked at, it is what was added."""
    number = Count()
    for _ in range(3):
        number.add()
    assert [number.look() for _ in range(3)] == [3, 3, 3]
    number.add()
    assert number.look() == 4
