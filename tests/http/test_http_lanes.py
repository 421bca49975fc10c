"""A token at its limit can be ended all the same: what ends it is counted apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app import limits
from counterfoil.operation import OPERATIONS
from support.inside import Inside, inside
from support.sample import Said, Sample

LIMIT = 20


@pytest.fixture
def house(seeded: Sample, tmp_path: Path) -> Iterator[Inside]:
    """A copy of the sample in this process, with windows that no test outlives."""
    shutil.copytree(seeded.directory, tmp_path / "data")
    with inside(Sample(tmp_path / "data", seeded.told)) as opened:
        admin = opened.bearing(opened.sign_in(0))
        path = f"/cma/organizations/{seeded.told['organization']['id']}/token_policy"
        rules = {"management_limit": LIMIT, "management_window_ms": 3_600_000}
        body = {"data": {"type": "token_policy", "attributes": rules}}
        etag = admin("GET", path).headers["etag"]
        assert admin("PATCH", path, body, If_Match=etag).status == 200
        yield opened


def use_up(speak: Callable[..., Said]) -> None:
    """Ask until there is no more."""
    seen = [speak("GET", "/cma/token").status for _ in range(LIMIT + 1)]
    assert seen[-1] == 429


@pytest.mark.parametrize("name", ["manager", "personal"])
def test_a_token_at_its_limit_is_surrendered(house: Inside, name: str) -> None:
    """Whoever abuses a token up to its limit cannot keep its owner from ending it (S42)."""
    token = house.bearing(house.sample.told["tokens"][name])
    use_up(token)
    assert token("DELETE", "/cma/token").status == 200
    assert token("GET", "/cma/token").status == 401


def test_a_session_at_its_limit_ends_tokens(house: Inside) -> None:
    """Whoever has asked too much still switches tokens off and revokes them, and no more (S42)."""
    admin = house.bearing(house.sign_in(0))
    (token, *_) = admin("GET", "/cma/api_tokens").body["data"]
    path = f"/cma/api_tokens/{token['id']}"
    (own, *_) = admin("GET", "/cma/personal_access_tokens?filter[owner]=all").body["data"]
    role = {"role": {"data": {"type": "role", "id": house.sample.told["roles"]["reader"]}}}
    new = {"type": "key_pair", "attributes": {"name": "ci"}, "relationships": role}
    pair = admin("POST", "/cma/key_pairs", {"data": new}).body["data"]["id"]
    use_up(admin)
    paired = f"/cma/key_pairs/{pair}"
    assert admin("PATCH", paired, _off("key_pair", pair)).status == 200
    owned = f"/cma/personal_access_tokens/{own['id']}"
    assert admin("PATCH", path, _off("api_token", token["id"])).status == 200
    assert admin("PATCH", owned, _off("personal_access_token", own["id"])).status == 200
    assert admin("DELETE", path).status == 200
    assert admin("DELETE", owned).status == 200
    assert admin("GET", path).status == 429


def test_ending_has_a_limit_too(house: Inside) -> None:
    """What ends tokens is limited as all else is, each kind of it by itself (S42)."""
    admin = house.bearing(house.sign_in(0))
    path = "/cma/api_tokens/1234567890123456"
    seen = [admin("DELETE", path).status for _ in range(LIMIT + 1)]
    assert seen == [*[404] * LIMIT, 429]
    assert admin("GET", "/cma/token").status == 200
    assert admin("DELETE", "/cma/personal_access_tokens/1234567890123456").status == 404


def test_lanes_are_of_operations() -> None:
    """Each lane is one of an operation that there is, none of all else, and a counter holds it."""
    assert set(limits.LANES) <= set(OPERATIONS)
    assert set(limits.LANES.values()) == set(range(1, 1 + len(limits.LANES)))
    assert len(limits.LANES) < 15


def _off(kind: str, id_: str) -> dict[str, Any]:
    return {"data": {"type": kind, "id": id_, "attributes": {"enabled": False}}}
