"""Amplience's SDK and command line against our server, under its preset (A9, A14, A15)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from infra.node import command, node
from support.sample import Said
from vendors.play import Seen, play
from vendors.venue import ALL, Venue

API = "/amplience/v2/content"
FORM = "application/x-www-form-urlencoded"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("amplience")


class Amplience:
    """The vendor's programs at one server, in a home of their own."""

    def __init__(self, venue: Venue, home: Path) -> None:
        self.venue = venue
        self.home = home
        self.hub: str = venue.sample.told["amplience"]["hub"]

    def sdk(self, who: dict[str, str], *steps: list[Any]) -> Seen:
        case = {"who": who, "hub": self.hub, "steps": steps}
        return play("amplience.mjs", self.venue.url, [case], self.home)[0]

    def cli(self, *words: str, who: dict[str, str]) -> subprocess.CompletedProcess[str]:
        options = ["--hubId", self.hub, "--clientId", who["client_id"]]
        options += ["--clientSecret", who["client_secret"], "--logFile", str(self.home / "log")]
        told = {"API_URL": f"{self.venue.url}{API}", "AUTH_URL": f"{self.venue.url}/amplience/auth"}
        return node(command("dc-cli"), *words, *options, home=self.home, env=told)


@pytest.fixture
def amplience(venue: Venue, tmp_path: Path) -> Amplience:
    return Amplience(venue, tmp_path)


def ask(venue: Venue, name: str) -> Said:
    return venue.ask(venue.ben, name=name)


@pytest.fixture(scope="module")
def pair(venue: Venue) -> dict[str, str]:
    """A key and secret of the developer's role."""
    told = venue.sample.told["amplience"]
    return {"client_id": told["client_id"], "client_secret": told["client_secret"]}


def make_pair(venue: Venue, role: str) -> dict[str, str]:
    lender = {"role": {"data": {"type": "role", "id": venue.role(role)}}}
    data = {
        "type": "key_pair",
        "attributes": {"name": role, "surfaces": ALL},
        "relationships": lender,
    }
    made = venue.ann("POST", "/cma/key_pairs", {"data": data})
    assert made.status == 201, made.body
    shown = made.body["data"]
    return {"client_id": shown["id"], "client_secret": shown["attributes"]["token"]}


def schema(name: str, **properties: Any) -> dict[str, str]:
    id_ = f"https://schema.example/{name}.json"
    body = {"$schema": DRAFT, "$id": id_, "title": name, "type": "object", "properties": properties}
    return {"schemaId": id_, "body": json.dumps(body), "validationLevel": "CONTENT_TYPE"}


def test_asked_approved_used(venue: Venue, amplience: Amplience) -> None:
    """A name suffices to ask; nothing works before approval, and then the SDK does (A9, A22)."""
    made = ask(venue, "dc-import")
    assert made.status == 202
    who = {"patToken": made.body["data"]["attributes"]["token"]}
    (before,) = amplience.sdk(who, ["hub"])
    assert before["status"] == 401
    venue.decide(made)
    hub, hubs, listed = amplience.sdk(who, ["hub"], ["hubs"], ["schemas", {"size": 2}])
    assert hub["value"]["id"] == amplience.hub
    assert [one["id"] for one in hubs["value"]] == [amplience.hub]
    assert listed["value"]["page"]["size"] == 2
    assert listed["value"]["page"]["totalElements"] >= 3


def test_both_ways_side_by_side(venue: Venue, amplience: Amplience, pair: dict[str, str]) -> None:
    """A personal token does through the SDK what a key and secret do, side by side (A14, A15)."""
    made = ask(venue, "beside")
    venue.decide(made)
    token = {"patToken": made.body["data"]["attributes"]["token"]}
    for who, name in ((token, "banner"), (pair, "hero")):
        (created,) = amplience.sdk(who, ["create", schema(name)])
        assert created["value"]["schemaId"] == schema(name)["schemaId"]
        changed = schema(name, text={"type": "string"})
        (updated,) = amplience.sdk(who, ["update", created["value"]["id"], changed])
        assert updated["value"]["version"] == 2
        assert "text" in json.loads(updated["value"]["body"])["properties"]
        (types,) = amplience.sdk(who, ["types"])
        uris = [one["contentTypeUri"] for one in types["value"]["_embedded"]["content-types"]]
        assert changed["schemaId"] in uris


def test_links_say_what_a_token_may(venue: Venue, amplience: Amplience) -> None:
    """A hub's links are those that the caller may follow, and the server keeps to them too."""
    weak = {"patToken": venue.api_token("reader")[1]}
    hub, listed, created = amplience.sdk(weak, ["hub"], ["schemas"], ["create", schema("x")])
    assert "value" in listed
    assert "value" in hub
    assert "create-content-type-schema action is not available" in created["error"]
    reader = venue.bearing(weak["patToken"])
    assert (
        reader("POST", f"{API}/hubs/{amplience.hub}/content-type-schemas", schema("x")).status
        == 403
    )
    blind = {"patToken": venue.api_token("editor", scopes=["content:read"])[1]}
    (refused,) = amplience.sdk(blind, ["schemas"])
    assert "list-content-type-schemas action is not available" in refused["error"]


def test_the_command_line(amplience: Amplience, pair: dict[str, str]) -> None:
    """dc-cli exports every schema, finds it up to date, and imports a change (A15)."""
    out = amplience.home / "schemas"
    out.mkdir()
    exported = amplience.cli("content-type-schema", "export", str(out), who=pair)
    files = sorted(path.name for path in (out / "schemas").iterdir())
    assert {"article-schema.json", "author-schema.json", "page-schema.json"} <= set(files)
    assert "CREATED" in exported.stdout
    again = amplience.cli("content-type-schema", "import", str(out), who=pair)
    assert "UP-TO-DATE" in again.stdout
    assert "UPDATED" not in again.stdout
    page = out / "schemas" / "page-schema.json"
    told = json.loads(page.read_text())
    told["properties"]["subtitle"] = {"type": "string"}
    page.write_text(json.dumps(told, indent=2))
    changed = amplience.cli("content-type-schema", "import", str(out), who=pair)
    assert changed.stdout.count("UPDATED") == 1


def test_bad_credentials(venue: Venue, amplience: Amplience, pair: dict[str, str]) -> None:
    """A wrong secret or token exports nothing, and says 401 in JSON (A15)."""
    out = amplience.home / "none"
    out.mkdir()
    wrong = {**pair, "client_secret": pair["client_secret"][::-1]}
    done = amplience.cli("content-type-schema", "export", str(out), who=wrong)
    assert "Unauthorized" in done.stderr
    assert not list(out.iterdir())
    (seen,) = amplience.sdk({"patToken": "amp_pat_0123.abc"}, ["hub"])
    assert seen["status"] == 401
    refused = venue.bearing("undefined")("GET", f"{API}/hubs/{amplience.hub}")
    assert (refused.status, refused.body["errors"][0]["level"]) == (401, "ERROR")


def test_the_end_of_a_pair(venue: Venue, amplience: Amplience) -> None:
    """Revoking a pair ends the tokens that it issued, on the next request (A23)."""
    who = make_pair(venue, "reader")
    assert "value" in amplience.sdk(who, ["hub"])[0]
    assert venue.ann("DELETE", f"/cma/key_pairs/{who['client_id']}").status == 200
    assert "value" not in amplience.sdk(who, ["hub"])[0]


def test_tokens_by_graphql(venue: Venue, amplience: Amplience) -> None:
    """A person creates, lists and deletes tokens by the vendor's mutations; no token does (G3)."""
    create = (
        "mutation($name: String!, $org: ItemId!) { createPersonalAccessToken(input: {name: $name,"
        " organizationId: $org}) { id name token createdDate lastUsedDate state } }"
    )
    where = "/amplience/graphql"
    asked = {"query": create, "variables": {"name": "by graphql", "org": amplience.hub}}
    made = venue.ann("POST", where, asked)
    token = made.body["data"]["createPersonalAccessToken"]
    assert (token["name"], token["state"], token["lastUsedDate"]) == ("by graphql", "active", None)
    assert "no-store" in made.headers["cache-control"]
    (hub,) = amplience.sdk({"patToken": token["token"]}, ["hub"])
    assert hub["value"]["id"] == amplience.hub
    listed = venue.ann("POST", where, {"query": "{ personalAccessTokens { id token } }"})
    assert {"id": token["id"], "token": None} in listed.body["data"]["personalAccessTokens"]
    refused = venue.bearing(token["token"])("POST", where, asked)
    assert refused.status == 403
    assert refused.body["errors"][0]["code"] == "PAT_CANNOT_CREATE_PAT"
    asked_for = "/cma/audit_events?filter[operation]=token.request&page[size]=1"
    (trail,) = venue.ann("GET", asked_for).body["data"]
    assert trail["attributes"]["outcome"] == "PAT_CANNOT_CREATE_PAT"
    delete = "mutation($id: ItemId!) { deletePersonalAccessToken(id: $id) { state } }"
    gone = venue.ann("POST", where, {"query": delete, "variables": {"id": token["id"]}})
    assert gone.body["data"]["deletePersonalAccessToken"] == {"state": "revoked"}
    assert amplience.sdk({"patToken": token["token"]}, ["hub"])[0]["status"] == 401


def test_the_asset_api_both_ways(venue: Venue, pair: dict[str, str]) -> None:
    """The asset GraphQL API takes a personal token as it takes a key and secret (A9, A14)."""
    made = ask(venue, "assets")
    venue.decide(made)
    form = urlencode({"grant_type": "client_credentials", "client_id": pair["client_id"],
                      "client_secret": pair["client_secret"]})  # fmt: skip
    url = f"{venue.url}/amplience/auth/oauth/token"
    exchanged = httpx2.post(url, content=form, headers={"content-type": FORM}).json()
    create = (
        "mutation($at: ItemId!, $slug: String!) { createAsset(parent: $at, slug: $slug,"
        ' filename: "a.png", mimeType: "image/png", size: 1) { slug } }'
    )
    media = venue.node("/site/media")
    for bearer in (made.body["data"]["attributes"]["token"], exchanged["access_token"]):
        slug = f"from-{bearer[:3]}"
        body = {"query": create, "variables": {"at": media, "slug": slug}}
        seen = venue.bearing(bearer)("POST", "/graphql/assets", body)
        assert seen.body["data"]["createAsset"] == {"slug": slug}


HAL = "https://a.example/hal"
SCHEMA = (
    f'{{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "{HAL}", "type": "object"}}'
)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"body": "{"}, 422),
        ({"body": "{}"}, 422),
        ({"body": '{"a":1,"a":2}', "schemaId": "https://a.example/b"}, 422),
        (
            {
                "body": '{"$schema":"http://json-schema.org/draft-07/schema#","$id":"https://a.example/c"}'
            },
            422,
        ),
        ({"body": "[]", "schemaId": "https://a.example/d"}, 422),
        ({"body": {}, "schemaId": "https://a.example/e"}, 422),
        ({"schemaId": "https://a.example/f"}, 422),
        ({"body": "{}", "schemaId": "https://a.example/g", "validationLevel": "X"}, 422),
        ({"body": SCHEMA, "schemaId": HAL, "_links": {"hub": {"href": f"{API}/hubs/1"}}}, 422),
        ({"body": SCHEMA, "schemaId": HAL, "_embedded": {"hub": {"id": "1"}}}, 422),
        ({"body": SCHEMA, "schemaId": HAL, "hubId": "5b32377e4cedfd01c45036d8"}, 422),
    ],
)
def test_bad_schemas(venue: Venue, amplience: Amplience, body: dict[str, Any], status: int) -> None:
    """A schema that cannot be run is refused with a message, and nothing is made (S41).

    So is one that brings links or a hub of its own along.
    """
    path = f"{API}/hubs/{amplience.hub}/content-type-schemas"
    total = venue.ann("GET", path).body["page"]["totalElements"]
    seen = venue.ann("POST", path, body)
    assert (seen.status, bool(seen.body["errors"][0]["message"])) == (status, True)
    assert venue.ann("GET", path).body["page"]["totalElements"] == total


def test_other_places(venue: Venue, amplience: Amplience) -> None:
    """Another hub, an unknown schema and a page out of bounds are a clear 4xx."""
    for path, status in {
        f"{API}/hubs/1000000000000009": 403,
        f"{API}/hubs/5b32377e4cedfd01c45036d8/content-type-schemas": 403,
        f"{API}/hubs/{amplience.hub}/content-type-schemas/1": 404,
        f"{API}/content-type-schemas/1": 404,
        f"{API}/hubs?size=0": 400,
        f"{API}/hubs?page=-1": 400,
        f"{API}/hubs/{amplience.hub}/content-type-schemas?size=101": 400,
        f"{API}/hubs/{amplience.hub}/content-type-schemas?status=ARCHIVED": 200,
    }.items():
        seen = venue.ann("GET", path)
        assert (seen.status, path) == (status, path)
