"""A gate's plain question is answered past the whole house, and no otherwise than there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest
from falcon.testing import Result, TestClient

from counterfoil.app import gates
from counterfoil.app.build import App, build
from counterfoil.feed.outbox import read_head
from counterfoil.feed.page import Ask, Page, unsealed
from counterfoil.gates.doors.wicket import PATH, Wicket
from counterfoil.gates.store.host import HostLeases
from counterfoil.gateway.credential import Credential
from support.installation import install

NONCE: Final = "ab" * 16
PLAIN: Final[Mapping[str, str]] = {}


class Knocking:
    """An office in this process, and a gate that it knows."""

    def __init__(self, app: App, credential: Credential) -> None:
        self.app = app
        self.credential = credential
        with app.database.reading() as tx:
            heads = read_head(tx)
        self.ask = Ask(NONCE, heads.epoch, heads.position, host="1" * 15, lease=True)
        self.body = msgspec.json.encode(self.ask)
        self._client = TestClient(app.wsgi)

    def __call__(self, body: bytes | None = None, other: Mapping[str, str] = PLAIN) -> Result:
        said = {
            "Authorization": f"Bearer {self.credential.secret.reveal()}",
            "Content-Type": "application/json",
            **other,
        }
        raw = self.body if body is None else body
        return self._client.simulate_post(PATH, headers=said, body=raw)


@pytest.fixture
def knock(tmp_path: Path) -> Iterator[Knocking]:
    made = install(tmp_path / "data", tokens=1)
    gates.add(made.settings, "eu-1").write(tmp_path / "credential")
    app = build(made.settings)
    yield Knocking(app, Credential.read(tmp_path / "credential"))
    app.close()


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have everybody go the whole way from now on."""
    return lambda: monkeypatch.setattr(Wicket, "__call__", lambda *_: None)


def told(seen: Result) -> dict[str, str]:
    """Return the headers that are the same each time."""
    return {name: value for name, value in seen.headers.items() if name != "x-request-id"}


def test_a_plain_question_is_answered_as_by_the_whole_way(
    knock: Knocking, shut: Callable[[], None]
) -> None:
    """It has the same status, the same headers and the same signed page."""
    short = knock()
    shut()
    long = knock()
    assert short.status_code == long.status_code == 200
    assert told(short) == told(long)
    pages = [unsealed(one.content, knock.credential.key, Page, NONCE) for one in (short, long)]
    alike = [msgspec.structs.replace(one, at=0, least=0) for one in pages]
    assert alike[0] == alike[1]


def test_a_plain_question_goes_past_the_house(
    knock: Knocking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No desk is asked, nor the gate that stands before it."""
    monkeypatch.setattr(knock.app.verifier, "verify", None)
    assert knock().status_code == 200


def test_a_secret_of_its_own_is_in_the_log_of_requests_alone(knock: Knocking) -> None:
    """A gate's question is counted as no token that was refused."""
    before = knock.app.metering.exposition()
    for _ in range(3):
        assert knock().status_code == 200
    knock.app.metering.publish()
    counted = [line for line in knock.app.metering.exposition().splitlines() if b"refused" in line]
    assert counted == [line for line in before.splitlines() if b"refused" in line]


@pytest.mark.parametrize(
    "other",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer nobody"},
        {"Authorization": "Basic YTpi"},
        {"Content-Type": "text/plain"},
        {"Content-Length": "7"},
        {"Content-Length": "9" * 30},
        {"Content-Length": "\u0661"},
        {"Counterfoil-Stands": "nonsense"},
        {"Counterfoil-Told": "%%%"},
    ],
)
def test_what_is_not_plain_goes_the_whole_way(
    knock: Knocking, shut: Callable[[], None], other: dict[str, str]
) -> None:
    """Whatever is wrong is answered as the whole way answers it: a 4xx."""
    short = knock(other=other)
    shut()
    long = knock(other=other)
    assert 400 <= short.status_code < 500
    assert (short.status_code, told(short)) == (long.status_code, told(long))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[:-1] + b',"position":1}',
        lambda raw: raw.replace(b'"epoch":', b'"epoch":"'),
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b"\xff" * 40,
        lambda raw: raw + b" " * 600,
    ],
)
def test_what_is_no_plain_body_goes_the_whole_way(
    knock: Knocking, shut: Callable[[], None], spoil: Callable[[bytes], bytes]
) -> None:
    """A body that can be read in two ways, or in none, is answered as the whole way answers it."""
    raw = spoil(knock.body)
    short = knock(raw)
    shut()
    long = knock(raw)
    assert (short.status_code, told(short)) == (long.status_code, told(long))


def test_whose_credential_moved_hears_so(knock: Knocking) -> None:
    """What the office refuses a gate is said as everywhere: a conflict is a 409."""
    assert knock().status_code == 200
    knock.app.elsewhere.loop.halt()
    leases = knock.app.elsewhere.leases
    assert isinstance(leases, HostLeases)
    leases.prove(10**9)
    assert knock().status_code == 200
    other = msgspec.json.encode(msgspec.structs.replace(knock.ask, host="2" * 15))
    assert knock(other).status_code == 409
