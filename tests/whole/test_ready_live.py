"""Answers that stand ready at the real server: none outlives a write, whoever made it and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from counterfoil.demo.walk import Walk
from infra.server import serving
from support.sample import Said, Sample, Talker

QUERY = "{ allArticles { id _updatedAt title } _allArticlesMeta { count } }"
TIMES = 6
"""So often each address is asked, that each worker is asked it too."""


@dataclass(frozen=True)
class House:
    """Two servers on one installation: one has answers ready, and two workers; one reads each."""

    ready: Talker
    fresh: Talker
    sample: Sample
    admin: str
    token: str
    token_id: str
    role: str

    def do(self, method: str, path: str, body: object = None, *, there: bool = False) -> Said:
        """Change something as the admin, at the first server or at the other one."""
        talk = (self.fresh if there else self.ready).bearing(self.admin)
        done = talk(method, path, body)
        assert done.status < 300, done.body
        return done

    def seen(self, path: str) -> int:
        """Return the status that the token gets; both workers answer what a fresh read does."""
        (status, _, _), *_ = {self.told(self.fresh, path)}
        assert {self.told(self.ready, path) for _ in range(TIMES)} == {
            self.told(self.fresh, path)
        }, path
        return status

    def told(self, talk: Talker, path: str) -> tuple[int, str, str]:
        told = talk.bearing(self.token)
        asks = path.startswith("/graphql")
        answer = told("POST", path, {"query": QUERY}) if asks else told("GET", path)
        request = answer.headers["x-request-id"]
        return answer.status, answer.headers.get("etag", ""), repr(answer.body).replace(request, "")


@pytest.fixture
def house(sample: Sample) -> Iterator[House]:
    ann = sample.told["people"][0]
    with (
        serving(sample.directory, "--workers", "2") as ready,
        serving(sample.directory, env={"COUNTERFOIL_READY_MB": "0"}) as fresh,
    ):
        with closing(Walk(ready.url, tell=lambda _line: None)) as walk:
            admin = walk.sign_in("Ann", ann["email"], ann["password"])
        talk = Talker(ready.port).bearing(admin)
        attributes: dict[str, Any] = {"name": "Site", "scopes": ["content:read"]}
        made = talk("POST", "/cma/roles", {"data": {"type": "role", "attributes": attributes}})
        assert made.status == 200, made.body
        role = made.body["data"]["id"]
        roots = [sample.told["nodes"]["/site/public"]]
        wish = {
            "type": "api_token",
            "attributes": {"name": "site", "surfaces": ["delivery", "preview"], "roots": roots},
            "relationships": {"role": {"data": {"type": "role", "id": role}}},
        }
        given = talk("POST", "/cma/api_tokens", {"data": wish})
        assert given.status == 201, given.body
        told = given.body["data"]
        yield House(
            Talker(ready.port),
            Talker(fresh.port),
            sample,
            admin,
            told["attributes"]["token"],
            told["id"],
            role,
        )


def entry_in(house: House, node: str) -> str:
    data = {
        "type": "item",
        "attributes": {"title": "News", "text": "x"},
        "relationships": {
            "parent": {"data": {"type": "node", "id": node}},
            "item_type": {
                "data": {"type": "item_type", "id": house.sample.told["content_types"]["article"]}
            },
        },
    }
    return str(house.do("POST", "/cma/items", {"data": data}).body["data"]["id"])


def test_nothing_outlives_a_write(house: House) -> None:
    """Drafts, publications, moves, the trash and the role hold at once in each worker (I1, S27)."""
    nodes = house.sample.told["nodes"]
    id_ = entry_in(house, nodes["/site/public"])
    cda, preview = f"/cda/items/{id_}", f"/cda/preview/items/{id_}"
    under = f"/cda/items?filter[under]={nodes['/site/public']}"

    def statuses() -> tuple[int, int]:
        assert house.seen(under) in {200, 403}
        assert house.seen("/graphql") == house.seen("/graphql/preview") == 200
        return house.seen(cda), house.seen(preview)

    def move(to: str, *, there: bool) -> None:
        parent = {"data": {"type": "node", "id": nodes[to]}}
        body = {"data": {"type": "item", "id": id_, "relationships": {"parent": parent}}}
        house.do("PATCH", f"/cma/items/{id_}", body, there=there)

    assert statuses() == (403, 200)
    for there in (False, True):
        house.do("PUT", f"/cma/items/{id_}/publish", there=there)
        assert statuses() == (200, 200)
        change = {"data": {"type": "item", "id": id_, "attributes": {"title": f"More {there}"}}}
        house.do("PATCH", f"/cma/items/{id_}", change, there=there)
        assert statuses() == (200, 200)
        move("/site/internal", there=there)
        assert statuses() == (403, 403)
        move("/site/public", there=not there)
        assert statuses() == (200, 200)
        house.do("PUT", f"/cma/items/{id_}/unpublish", there=there)
        assert statuses() == (403, 200)
    house.do("PUT", f"/cma/items/{id_}/publish")
    assert statuses() == (200, 200)
    house.do("DELETE", f"/cma/items/{id_}", there=True)
    assert statuses() == (403, 403)


def test_nothing_outlives_its_token(house: House) -> None:
    """What was taken from a token or its role is refused at the next request (S19, S20, S31)."""
    id_ = entry_in(house, house.sample.told["nodes"]["/site/public"])
    house.do("PUT", f"/cma/items/{id_}/publish")
    paths = (f"/cda/items/{id_}", "/cda/items", "/cda/preview/items", "/graphql")

    def statuses() -> list[int]:
        return [house.seen(path) for path in paths]

    def edit(attributes: dict[str, object], *, there: bool) -> None:
        body = {"data": {"type": "api_token", "id": house.token_id, "attributes": attributes}}
        house.do("PATCH", f"/cma/api_tokens/{house.token_id}", body, there=there)

    def scopes(*names: str) -> None:
        said = {"name": "Site", "scopes": list(names)}
        body = {"data": {"type": "role", "id": house.role, "attributes": said}}
        house.do("PUT", f"/cma/roles/{house.role}", body, there=True)

    assert statuses() == [200, 200, 200, 200]
    scopes("users:read")
    assert statuses() == [403, 403, 403, 403]
    scopes("content:read")
    assert statuses() == [200, 200, 200, 200]
    edit({"surfaces": ["delivery"]}, there=True)
    assert statuses() == [200, 200, 403, 200]
    edit({"roots": []}, there=False)
    assert statuses() == [403, 200, 403, 200]
    edit({"enabled": False}, there=True)
    assert statuses() == [401, 401, 401, 401]
    edit({"enabled": True}, there=False)
    assert statuses() == [403, 200, 403, 200]
    house.do("DELETE", f"/cma/api_tokens/{house.token_id}", there=True)
    assert statuses() == [401, 401, 401, 401]
