"""Squiz's content API under its preset: reading by token, and by nothing else."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope
from support.sample import Said, Talker
from vendors.venue import Venue

ASSETS = "/__api/assets"
UNKNOWN = "1000000000000007"


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("squiz")


@pytest.fixture(scope="module")
def reader(venue: Venue) -> Talker:
    """A token of the reading role, on delivery."""
    return venue.bearing(venue.api_token("reader", surfaces=["delivery"])[1])


def code(seen: Said) -> tuple[int, str]:
    return seen.status, seen.body["error"]["code"]


def entry(venue: Venue, status: str) -> str:
    """Return an article of the sample that got so far."""
    manager = venue.bearing(venue.sample.token("manager"))
    path = f"/cma/items?filter[type]=article&filter[under]={venue.node('/site/public')}"
    found = manager("GET", f"{path}&page[size]=50").body["data"]
    return str(next(one["id"] for one in found if one["meta"]["status"] == status))


def test_where_tokens_stand(venue: Venue) -> None:
    """API tokens stand below Content API Manager by name and link to their roots (Q1, Q4)."""
    public = venue.node("/site/public")
    id_, secret = venue.api_token("reader", roots=[public], name="website")
    tree = {one["id"]: one for one in venue.ann("GET", "/cma/asset_tree").body["data"]}
    manager = tree["content_api_manager"]["relationships"]
    assert manager["parent"]["data"]["id"] == "system_management"
    assert id_ in [one["id"] for one in manager["children"]["data"]]
    token = tree[id_]
    assert token["attributes"] == {"name": "website", "kind": "api_token", "enabled": True}
    assert token["relationships"]["root_nodes"]["data"] == [{"type": "node", "id": public}]
    venue.change(id_, name="www")
    shown = venue.ann("GET", f"/cma/asset_tree/{id_}").body["data"]
    assert shown["attributes"]["name"] == "www"
    assert venue.bearing(secret)("GET", f"{ASSETS}/{public}").status == 200
    assert venue.ann("GET", "/cma/asset_tree/12").status == 404
    assert venue.ben("GET", "/cma/asset_tree").status == 403


def test_an_asset_by_id_and_by_url(venue: Venue, reader: Talker) -> None:
    """An asset is the same by its id, by its path and by its URL, with fields and attributes."""
    id_ = entry(venue, "published")
    by_id = reader("GET", f"{ASSETS}/{id_}")
    path = f"/site/public/{by_id.body['name']}"
    for url in (path, f"https://www.example.com{path}"):
        assert reader("GET", f"{ASSETS}?url={url}").body == by_id.body
    assert by_id.status == 200
    assert by_id.body["id"] == id_
    assert (by_id.body["type"], by_id.body["status"]) == ("entry", "live")
    assert by_id.body["attributes"]["title"]


def test_an_asset_in_each_locale(venue: Venue, reader: Talker) -> None:
    """An asset, its lineage and its siblings are shown in the locale that is asked for."""
    id_ = venue.in_two_languages("/site/public", title={"en": "Exit", "de": "Ausgang"})
    public = venue.node("/site/public")
    both = reader("GET", f"{ASSETS}/{id_}").body["attributes"]["title"]
    assert both == {"en": "Exit", "de": "Ausgang"}
    children = f"{ASSETS}/{public}/children?page[limit]=1"
    newest = f"{children}&page[offset]={reader('GET', children).body['total'] - 1}"
    for locale, title in (("en", "Exit"), ("de", "Ausgang")):
        one = reader("GET", f"{ASSETS}/{id_}?locale={locale}").body
        above = reader("GET", f"{ASSETS}/{id_}/lineage?locale={locale}").body["assets"]
        beside = reader("GET", f"{newest}&locale={locale}").body["assets"]
        assert one["attributes"] == {"title": title}
        assert above[-1] == one
        assert beside == [one]
    seen = reader("GET", f"{ASSETS}/{id_}?locale=fr")
    assert code(seen) == (400, "INVALID_REQUEST")


def test_lineage_and_children(venue: Venue, reader: Talker) -> None:
    """Lineage goes from the top down to the asset, and children are all that stand under it."""
    public = venue.node("/site/public")
    above = reader("GET", f"{ASSETS}/{public}/lineage").body["assets"]
    assert [one["name"] for one in above][-2:] == ["site", "public"]
    first = reader("GET", f"{ASSETS}/{public}/children?page[limit]=5").body
    second = reader("GET", f"{ASSETS}/{public}/children?page[limit]=5&page[offset]=5").body
    assert first["total"] == second["total"] > 10
    names = [one["name"] for one in (*first["assets"], *second["assets"])]
    assert len(set(names)) == 10
    assert {one["parent"] for one in first["assets"]} == {public}
    by_url = reader("GET", f"{ASSETS}/children?url=/site/public&page[limit]=5")
    assert by_url.body == first


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_only_reads(venue: Venue, method: str) -> None:
    """No method but GET is served, whatever the token may do elsewhere (Q15)."""
    manager = venue.bearing(venue.sample.token("manager"))
    seen = manager(method, f"{ASSETS}/{venue.node('/site')}", {"name": "x"})
    assert code(seen) == (405, "METHOD_NOT_ALLOWED")
    assert "GET" in seen.headers["allow"]


def test_cookies_count_for_nothing(venue: Venue) -> None:
    """A browser session opens nothing here (Q15)."""
    ann = venue.sample.told["people"][0]
    nobody = Talker(venue.server.port)
    entered = nobody("POST", "/signin", {"email": ann["email"], "password": ann["password"]})
    cookie = entered.headers["set-cookie"].partition(";")[0]
    seen = nobody("GET", f"{ASSETS}/{venue.node('/site')}", Cookie=cookie)
    assert code(seen) == (401, "MISSING_AUTHORIZATION_HEADER")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer", 401),
        ("Bearer abcd1234", 401),
        ("Basic YTpi", 401),
        ("Bearer undefined", 401),
    ],
)
def test_bad_credentials(venue: Venue, header: str | None, status: int) -> None:
    """What is no token of ours is 401 with a challenge (Q16)."""
    sent = {} if header is None else {"Authorization": header}
    seen = Talker(venue.server.port, sent)("GET", f"{ASSETS}/{venue.node('/site')}")
    assert seen.status == status
    assert seen.headers["www-authenticate"].startswith("Bearer")


def test_disabled_enabled_trashed(venue: Venue) -> None:
    """Disabled is 401 on every node at once, enabled again works, trashed is over (Q3, Q16)."""
    id_, secret = venue.api_token("reader")
    token, site = venue.bearing(secret), f"{ASSETS}/{venue.node('/site')}"
    assert token("GET", site).status == 200
    venue.change(id_, enabled=False)
    seen = token("GET", site)
    assert code(seen) == (401, "TOKEN_DISABLED")
    assert 'error="invalid_token"' in seen.headers["www-authenticate"]
    venue.change(id_, enabled=True)
    assert token("GET", site).status == 200
    assert venue.ann("DELETE", f"/cma/api_tokens/{id_}").status == 200
    assert code(token("GET", site)) == (401, "INVALID_TOKEN")


def test_no_user(venue: Venue) -> None:
    """A token whose user nobody chose yet is saved, and 401 (Q9)."""
    data = {
        "type": "api_token",
        "attributes": {"name": "later", "enabled": True},
        "relationships": {"user": {"data": None}},
    }
    made = venue.ann("POST", "/cma/api_tokens", {"data": data})
    assert made.status == 201, made.body
    token = venue.bearing(made.body["data"]["attributes"]["token"])
    assert code(token("GET", f"{ASSETS}/{UNKNOWN}")) == (401, "TOKEN_HAS_NO_USER")


def test_the_seven_steps(venue: Venue) -> None:
    """A token made by the vendor's seven steps, and nothing else set, reads below its root (Q17).

    It starts disabled, answers 401 without a user, and its lock stays until it is released (Q14).
    """
    made = venue.ann("POST", "/cma/api_tokens", token_with(name="website"))
    assert made.status == 201, made.body
    path = f"/cma/api_tokens/{made.body['data']['id']}"
    token = venue.bearing(made.body["data"]["attributes"]["token"])
    public = venue.node("/site/public")

    def read() -> tuple[int, str]:
        seen = token("GET", f"{ASSETS}/{public}")
        return seen.status, "" if seen.status == 200 else seen.body["error"]["code"]

    assert read() == (401, "TOKEN_DISABLED")
    assert venue.ann("PUT", f"{path}/lock").status == 200
    rita = venue.rita("GET", "/agility/api/v1/users/me").body["userID"]
    user = {"user": {"data": {"type": "user", "id": str(rita)}}}
    for step in (
        {"relationships": user},
        {"attributes": {"roots": [public]}},
        {"attributes": {"enabled": True}},
    ):
        body = {"data": {"type": "api_token", **step}}
        assert venue.ann("PATCH", path, body).status == 200
    assert venue.ann("DELETE", f"{path}/lock").status == 204
    assert read() == (200, "")
    assert token("GET", f"{ASSETS}/{venue.node('/site/press')}").status == 403


def token_with(**attributes: str) -> dict[str, object]:
    return {"data": {"type": "api_token", "attributes": attributes}}


def test_outside_the_roots(venue: Venue) -> None:
    """Inside a root is 200; outside and unknown are one 403, by id, URL and children (Q12)."""
    public, press = venue.node("/site/public"), venue.node("/site/press")
    token = venue.bearing(venue.api_token("reader", roots=[public])[1])
    assert token("GET", f"{ASSETS}/{public}").status == 200
    answers = [
        token("GET", f"{ASSETS}/{place}")
        for place in (press, UNKNOWN, f"{press}/children", f"{UNKNOWN}/lineage", "x")
    ]
    assert {code(seen) for seen in answers} == {(403, "OUTSIDE_ROOT_NODES")}
    assert len({str({**seen.body["error"], "request_id": ""}) for seen in answers}) == 1
    assert code(token("GET", f"{ASSETS}?url=/site/press")) == (403, "OUTSIDE_ROOT_NODES")
    assert token("GET", f"{ASSETS}?url=/site/public/nothing").status == 404
    above = token("GET", f"{ASSETS}/{public}/lineage").body["assets"]
    assert [(one["id"], one["parent"]) for one in above] == [(public, None)]


def test_a_surface_that_is_off(venue: Venue) -> None:
    """A token without the delivery surface reads nothing here (D9)."""
    token = venue.bearing(venue.api_token("reader", surfaces=["management"])[1])
    seen = token("GET", f"{ASSETS}/{venue.node('/site')}")
    assert code(seen) == (403, "API_NOT_ENABLED_FOR_TOKEN")


def test_drafts_need_a_writer_and_the_preview_surface(venue: Venue) -> None:
    """What is under construction shows to who may write it, with preview on; else to none (Q7)."""
    draft = f"{ASSETS}/{entry(venue, 'draft')}"
    writer = [str(Scope.CONTENT_READ), str(Scope.CONTENT_WRITE)]
    reading = venue.bearing(venue.api_token("reader")[1])
    writing = venue.bearing(venue.api_token("editor", scopes=writer)[1])
    published = venue.bearing(venue.api_token("editor", surfaces=["delivery"])[1])
    assert writing("GET", draft).body["status"] == "under_construction"
    assert {reading("GET", draft).status, published("GET", draft).status} == {404}


def test_a_writer_is_warned_about(venue: Venue) -> None:
    """Whoever chooses a user who may write is warned, just when drafts are shown (Q7)."""
    ben, rita = (
        str(who("GET", "/agility/api/v1/users/me").body["userID"])
        for who in (venue.ben, venue.rita)
    )
    draft = f"{ASSETS}/{entry(venue, 'draft')}"
    for user, surfaces, warned in (
        (ben, ["delivery", "preview"], True),
        (ben, ["delivery"], False),
        (rita, ["delivery", "preview"], False),
    ):
        id_, secret = venue.api_token(user=user, surfaces=surfaces)
        said = venue.ann("GET", f"/cma/api_tokens/{id_}").body["data"]
        assert ("preview" in said.get("meta", {}).get("warning", "")) is warned
        assert venue.bearing(secret)("GET", draft).status == (200 if warned else 404)
        changed = venue.change(id_, surfaces=["delivery"]).body["data"]
        assert "meta" not in changed


def test_bad_input(venue: Venue, reader: Talker) -> None:
    """What cannot be read is a 4xx that says why; nothing is a 5xx (S34, S39)."""
    for path, status in {
        ASSETS: 400,
        f"{ASSETS}?url=": 400,
        f"{ASSETS}?url=http://[": 400,
        f"{ASSETS}?url=/a/../b": 400,
        f"{ASSETS}?url=/a&url=/b": 400,
        f"{ASSETS}/{venue.node('/site')}?fields=x": 400,
        f"{ASSETS}/{'9' * 400}": 404,
        f"{ASSETS}/{venue.node('/site')}/children?page[limit]=0": 400,
        f"{ASSETS}/{venue.node('/site')}/children?page[after]=x": 400,
        "/__api": 404,
    }.items():
        seen = reader("GET", path)
        assert (seen.status, path) == (status, path)
        assert seen.body["error"]["message"]
