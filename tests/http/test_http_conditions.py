"""From where, since when and how often a token works, through the whole house."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from counterfoil.app.build import App, build
from counterfoil.audit.record import entries
from counterfoil.runtime.settings import Settings
from support.inside import Inside
from support.sample import Sample

PATH = "/cma/personal_access_tokens"
LIMIT = 1_000
HERE = "192.0.2.7"
ELSEWHERE = "198.51.100.1"
PROXY = "10.0.0.1"
FORGED = {"X-Forwarded-For": HERE, "Forwarded": f"for={HERE}", "X-Real-IP": HERE}
DOORS = (
    ("GET", "/cma/token"),
    ("GET", "/cma/nodes"),
    ("GET", "/cda/items"),
    ("GET", "/cda/preview/items"),
    ("POST", "/graphql"),
    ("POST", "/datocms/cda"),
    ("GET", "/datocms/items"),
    ("GET", "/amplience/v2/content/hubs"),
    ("GET", "/dx/auth.info"),
    ("GET", "/agility/api/v1/users/me"),
)


@pytest.fixture(scope="module")
def house(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """A copy of the sample behind a proxy that it trusts, in this process."""
    directory = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(seeded.directory, directory)
    settings = replace(Settings(data_dir=directory), trusted_proxies=(ip_network(PROXY),))
    app = build(settings)
    opened = Inside(app, Sample(directory, seeded.told))
    admin = opened.bearing(opened.sign_in(0))
    path = f"/cma/organizations/{seeded.told['organization']['id']}/token_policy"
    body = {"data": {"type": "token_policy", "attributes": {"management_limit": LIMIT}}}
    etag = admin("GET", path).headers["etag"]
    assert admin("PATCH", path, body, If_Match=etag).status == 200
    yield opened
    app.close()


@pytest.fixture(scope="module")
def session(house: Inside) -> str:
    return house.sign_in(0)


def send(
    house: Inside, token: str, method: str, path: str, *, at: str = "127.0.0.1",
    body: object = None, **headers: str,
) -> TestResponse:  # fmt: skip
    """Send a request from an address."""
    sent = {"Authorization": f"Bearer {token}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(house.app.wsgi).open(
        path, method=method, json=body, headers=sent, environ_base={"REMOTE_ADDR": at}
    )


def make(house: Inside, session: str, **attributes: Any) -> dict[str, Any]:
    """Make a personal token of the admin; return what was said of it."""
    wanted = {"name": "bound", "scope_mode": "inherit", **attributes}
    body = {"data": {"type": "personal_access_token", "attributes": wanted}}
    told = send(house, session, "POST", PATH, body=body)
    assert told.status_code in {201, 202, 422}, told.text
    return dict(told.get_json())


@pytest.fixture
def bound(house: Inside, session: str) -> Iterator[tuple[str, str]]:
    """The id and the secret of a token that works from here alone."""
    made = make(house, session, ip_ranges=["192.0.2.0/24"])["data"]
    yield made["id"], made["attributes"]["token"]
    send(house, session, "DELETE", f"{PATH}/{made['id']}")


def trail(app: App, token: str) -> list[tuple[str, str]]:
    """Return operation and outcome of what was refused to a token."""
    app.journal.flush()
    query = select(entries).where(entries.c.token_id == int(token), entries.c.outcome != "allowed")
    with app.database.reading() as tx:
        return [(row.operation, row.outcome) for row in tx.execute(query)]


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_asks_from_where(
    house: Inside, bound: tuple[str, str], method: str, path: str
) -> None:
    """At whatever door, in whatever dialect: from elsewhere 403, from here as any token (S12)."""
    _, token = bound
    body = {"query": "{ __typename }"} if method == "POST" else None
    known = send(house, token, method, path, at=HERE, body=body)
    assert known.status_code == 200, known.text
    denied = send(house, token, method, path, at=ELSEWHERE, body=body)
    assert denied.status_code == 403
    assert "192.0.2" not in denied.text + str(denied.headers)
    assert send(house, token, method, path, at="2001:db8::1", body=body).status_code == 403
    assert send(house, token, method, path, at=f"::ffff:{HERE}", body=body).status_code == 200


def test_a_forged_header_is_nothing(house: Inside, bound: tuple[str, str]) -> None:
    """Headers of the client move nobody; of a proxy that we trust, only what it says itself (S42).

    So also where the answer stands ready because it was given to the right address before.
    """
    _, token = bound
    for _ in range(2):
        assert send(house, token, "GET", "/cda/items", at=HERE).status_code == 200
        assert send(house, token, "GET", "/cda/items", at=ELSEWHERE, **FORGED).status_code == 403
    for said, status in (
        (HERE, 200), (ELSEWHERE, 403), (f"{HERE}, {ELSEWHERE}", 403), (f"{ELSEWHERE}, {HERE}", 200),
        ("", 403), ("nonsense", 403),
    ):  # fmt: skip
        answer = send(house, token, "GET", "/cda/items", at=PROXY, X_Forwarded_For=said)
        assert answer.status_code == status, said


def test_a_refusal_is_on_record_and_counted(
    house: Inside, session: str, bound: tuple[str, str]
) -> None:
    """From elsewhere is one entry in the token's trail, and one use that was forbidden (R14)."""
    id_, token = bound
    answer = send(house, token, "GET", "/cma/nodes", at=ELSEWHERE)
    (error,) = answer.get_json()["errors"]
    assert (error["code"], error["meta"]["address"]) == ("IP_NOT_ALLOWED", ELSEWHERE)
    assert trail(house.app, id_) == [("node.list", "IP_NOT_ALLOWED")]
    house.app.tally.flush()
    shown = send(house, session, "GET", f"{PATH}/{id_}/usage").get_json()["data"]["attributes"]
    assert shown["totals"]["forbidden"] == 1


def test_what_the_owner_narrows_holds_at_once(
    house: Inside, session: str, bound: tuple[str, str]
) -> None:
    """Once an edit has answered, no request passes from where it took the token away (I1, R1)."""
    id_, token = bound
    assert send(house, token, "GET", "/cda/items", at=HERE).status_code == 200
    change = {"type": "personal_access_token", "attributes": {"ip_ranges": ["203.0.113.0/24"]}}
    etag = send(house, session, "GET", f"{PATH}/{id_}").headers["ETag"]
    edited = send(house, session, "PATCH", f"{PATH}/{id_}", body={"data": change}, If_Match=etag)
    assert edited.status_code == 200, edited.text
    assert edited.get_json()["data"]["attributes"]["ip_ranges"] == ["203.0.113.0/24"]
    assert send(house, token, "GET", "/cda/items", at=HERE).status_code == 403
    assert send(house, token, "GET", "/cda/items", at="203.0.113.9").status_code == 200


def test_too_early(house: Inside, session: str) -> None:
    """Before its start a token is refused with 401, which says from when on it works."""
    starts = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    made = make(house, session, not_before=starts.isoformat())["data"]
    answer = send(house, made["attributes"]["token"], "GET", "/cma/nodes")
    (error,) = answer.get_json()["errors"]
    assert (answer.status_code, error["code"]) == (401, "TOKEN_NOT_YET_VALID")
    assert error["meta"]["not_before"].startswith(starts.strftime("%Y-%m-%dT%H:%M:%S"))
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    send(house, session, "DELETE", f"{PATH}/{made['id']}")


def test_too_fast(house: Inside, session: str) -> None:
    """Beyond its own rate: 429 with Retry-After, and each answer says how it stands (D12, S42)."""
    rate = {"requests": 3, "seconds": 3600}
    made = make(house, session, rate_limit=rate)["data"]
    token = made["attributes"]["token"]
    assert made["attributes"]["rate_limit"] == rate
    said = [send(house, token, "GET", path) for path in ("/cda/items", "/cma/nodes", "/cda/items")]
    assert [one.status_code for one in said] == [200] * 3
    assert said[0].headers["RateLimit-Policy"] == '"own";q=3;w=3600'
    assert said[1].headers["RateLimit-Policy"] == f'"own";q=3;w=3600, "token";q={LIMIT};w=3'
    assert said[1].headers["X-RateLimit-Remaining"] == "1"
    over = send(house, token, "GET", "/cda/items")
    (error,) = over.get_json()["errors"]
    assert (over.status_code, error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert error["meta"]["violated-policies"] == ["own"]
    assert 0 < int(over.headers["Retry-After"]) <= 1200
    assert send(house, token, "DELETE", "/cma/token").status_code == 200


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"ip_ranges": ["192.0.2.7/24"]}, "ip_ranges/0"),
        ({"ip_ranges": ["192.0.2.0/24", "office"]}, "ip_ranges/1"),
        ({"ip_ranges": ["10.0.0.0/8"] * 51}, "ip_ranges"),
        ({"ip_ranges": ["1" * 61]}, "ip_ranges/0"),
        ({"ip_ranges": "192.0.2.0/24"}, "ip_ranges"),
        ({"rate_limit": {"requests": 0, "seconds": 60}}, "rate_limit/requests"),
        ({"rate_limit": {"requests": 1.5, "seconds": 60}}, "rate_limit/requests"),
        ({"rate_limit": {"requests": 10**6 + 1, "seconds": 60}}, "rate_limit/requests"),
        ({"rate_limit": {"requests": 1, "seconds": 86_401}}, "rate_limit/seconds"),
        ({"rate_limit": {"requests": 1}}, "rate_limit/seconds"),
        ({"rate_limit": 5}, "rate_limit"),
        ({"not_before": "2026-03-01"}, "not_before"),
        ({"not_before": "9999-12-31T23:59:59-12:00"}, "not_before"),
        ({"not_before": "9999-01-01T00:00:00Z"}, "not_before"),
    ],
)
def test_what_is_wrong_is_pointed_out(
    house: Inside, session: str, attributes: dict[str, Any], field: str
) -> None:
    """A condition that cannot be kept is 422, names the member, and makes nothing (A2)."""
    (error,) = make(house, session, **attributes)["errors"]
    assert error["source"]["pointer"] == f"/data/attributes/{field}"


@pytest.fixture
def fenced(house: Inside) -> Iterator[str]:
    """The secret of a token without ranges, in an organization that has some."""
    admin = house.bearing(house.sign_in(0))
    path = f"/cma/organizations/{house.sample.told['organization']['id']}/token_policy"

    def allow(ip_ranges: list[str] | None) -> None:
        body = {"data": {"type": "token_policy", "attributes": {"ip_ranges": ip_ranges}}}
        etag = admin("GET", path).headers["etag"]
        assert admin("PATCH", path, body, If_Match=etag).status == 200

    made = make(house, house.sign_in(0))["data"]
    allow(["192.0.2.0/24", "2001:db8::/32"])
    yield made["attributes"]["token"]
    allow(None)
    send(house, house.sign_in(0), "DELETE", f"{PATH}/{made['id']}")


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_asks_the_organization(
    house: Inside, fenced: str, method: str, path: str
) -> None:
    """At whatever door the organization's ranges hold, for a token without any too (S12)."""
    body = {"query": "{ __typename }"} if method == "POST" else None
    for _ in range(2):
        assert send(house, fenced, method, path, at=HERE, body=body).status_code == 200
        denied = send(house, fenced, method, path, at=ELSEWHERE, body=body)
        assert denied.status_code == 403
        assert "192.0.2" not in denied.text + str(denied.headers)


def test_no_list_shuts_out_who_is_signed_in(house: Inside, fenced: str) -> None:
    """An admin whose address is not among the organization's goes on, and may change it."""
    assert fenced
    answer = send(house, house.sign_in(0), "GET", "/cma/token", at=ELSEWHERE)
    assert answer.status_code == 200
