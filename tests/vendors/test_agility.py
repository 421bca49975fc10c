"""Agility's own SDK against our server, under its preset: a token's life, and content by GET."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.sample import Said, Talker
from vendors.play import Seen, play
from vendors.venue import Patient, Venue

API = "/agility/api/v1"
TOKENS = f"{API}/tokens"


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("agility")


class Sdk:
    """Agility's SDK at one server."""

    def __init__(self, venue: Venue, home: Path) -> None:
        self._venue = venue
        self._home = home
        self.guid: str = venue.sample.told["agility"]["guid"]

    def __call__(self, token: str, *steps: list[Any]) -> Seen:
        case = {"token": token, "steps": steps}
        return play("agility.mjs", f"{self._venue.url}/agility", [case], self._home)[0]

    def item(self, id_: str, method: str = "getContentItem", locale: str = "en") -> list[Any]:
        return ["contentMethods", method, int(id_), self.guid, locale]


@pytest.fixture
def sdk(venue: Venue, tmp_path: Path) -> Sdk:
    return Sdk(venue, tmp_path)


def create(who: Talker | Patient, name: str, **more: str) -> Said:
    return who("POST", f"{TOKENS}/create", {"Name": name, **more})


@pytest.fixture(scope="module")
def token(venue: Venue) -> str:
    """A personal token of the developer, as the vendor's own command line asks for one."""
    made = create(venue.ben, "my-ci-token")
    assert made.status == 201, made.body
    return str(made.body["token"])


def draft(venue: Venue) -> str:
    manager = venue.bearing(venue.sample.token("manager"))
    path = f"/cma/items?filter[type]=article&filter[under]={venue.node('/site/public')}"
    found = manager("GET", f"{path}&page[size]=60").body["data"]
    return str(next(one["id"] for one in found if one["meta"]["status"] == "draft"))


def test_the_life_of_a_token(venue: Venue, sdk: Sdk) -> None:
    """A signed-in person makes, lists and revokes a token that the SDK works with (G1, G2, G11)."""
    made = create(venue.ben, "laptop", ExpiryDate="2027-01-31T00:00:00Z")
    assert made.status == 201
    assert (made.body["name"], made.body["state"]) == ("laptop", "active")
    assert made.body["expiryDate"].startswith("2027-01-31T00:00:00")
    secret = made.body.pop("token")
    one = f"{TOKENS}/{made.body['tokenID']}"
    listed = venue.ben("GET", TOKENS).body
    assert next(each for each in listed if each["name"] == "laptop") == {**made.body, "token": None}
    me = ["serverUserMethods", "me", sdk.guid]
    assert sdk(secret, me)[0]["value"]["emailAddress"] == venue.sample.told["people"][1]["email"]
    for _ in range(2):
        assert venue.ben("DELETE", one).body["state"] == "revoked"
    assert "value" not in sdk(secret, me)[0]
    assert sdk(secret, sdk.item(draft(venue)))[0]["status"] == 401
    assert venue.ben("GET", one).body["name"] == "laptop"


def test_an_expired_token_is_not_made(venue: Venue) -> None:
    """Two calendar years are the longest life and the default; the past is refused (G10)."""
    for expiry, status in {
        "2020-01-01T00:00:00Z": 422,
        "2031-01-01T00:00:00Z": 422,
        "2027-12-31": 422,
        "": 422,
    }.items():
        assert create(venue.ben, "x", ExpiryDate=expiry).status == status
    assert create(venue.ben, " ").status == 422
    assert create(venue.ben, "x" * 101).status == 422
    assert venue.ben("POST", f"{TOKENS}/create", {"Name": 1}).status == 422


def test_tokens_make_no_tokens(venue: Venue, token: str) -> None:
    """Neither a personal nor an API token makes or ends a personal one (G3, G4)."""
    for secret in (token, venue.sample.token("manager")):
        bearer = venue.bearing(secret)
        made = create(bearer, "child")
        assert (made.status, made.body["code"]) == (403, "PAT_CANNOT_CREATE_PAT")
        assert (
            bearer("DELETE", f"{TOKENS}/{venue.ben('GET', TOKENS).body[0]['tokenID']}").status
            == 403
        )


def test_content_through_the_sdk(venue: Venue, sdk: Sdk, token: str) -> None:
    """The SDK reads, publishes and takes back an item in its owner's name (G1, G7)."""
    id_ = draft(venue)
    before, published, after, withdrawn, locales = sdk(
        token,
        sdk.item(id_),
        [*sdk.item(id_, "publishContent"), "by token"],
        sdk.item(id_),
        sdk.item(id_, "unPublishContent"),
        ["instanceMethods", "getLocales", sdk.guid],
    )
    assert before["value"]["contentID"] == int(id_)
    assert before["value"]["properties"]["state"] == 1
    assert before["value"]["fields"]["title"]
    assert published["value"] == [int(id_)] == withdrawn["value"]
    assert after["value"]["properties"]["state"] == 2
    assert locales["value"][0]["localeCode"] == "en"
    item = venue.ann("GET", f"/cma/items/{id_}").body["data"]
    ben = venue.ben("GET", f"{API}/users/me").body["userID"]
    assert item["meta"]["updated_by"] == str(ben)


def test_an_item_in_each_locale(venue: Venue, sdk: Sdk, token: str) -> None:
    """The SDK's `en-us` is our `en`; an item is read in the locale of its address."""
    id_ = venue.in_two_languages("/site/public", title={"en": "Exit", "de": "Ausgang"})
    codes = ("en-us", "EN", "de", "de-at", "fr-fr")
    locales, *read = sdk(
        token,
        ["instanceMethods", "getLocales", sdk.guid],
        *(sdk.item(id_, locale=code) for code in codes),
    )
    shown = [(one["localeCode"], one["isDefault"]) for one in locales["value"]]
    assert shown == [("en", True), ("de", False)]
    titles = [one["value"]["fields"]["title"] for one in read[:4]]
    assert titles == ["Exit", "Exit", "Ausgang", "Ausgang"]
    assert read[4]["status"] == 404
    off, lost, on = sdk(
        token,
        sdk.item(id_, "unPublishContent", "en-us"),
        sdk.item(id_, "publishContent", "fr-fr"),
        sdk.item(id_, locale="en-us"),
    )
    assert (off["value"], lost["status"]) == ([int(id_)], 404)
    assert on["value"]["properties"]["state"] == 1


def test_publishing_by_get_is_no_read(venue: Venue, sdk: Sdk) -> None:
    """A GET that publishes asks the right to publish, and HEAD never does it (S18)."""
    id_, weak = draft(venue), venue.sample.token("weak")
    path = f"{API}/instance/{sdk.guid}/en/item/{id_}/publish"
    reader = venue.bearing(venue.api_token("reader")[1])
    assert reader("GET", path).status == 403
    assert sdk(weak, sdk.item(id_, "publishContent"))[0]["status"] == 403
    editor = venue.bearing(venue.api_token("editor")[1])
    assert editor("HEAD", path).status == 405
    assert venue.ann("GET", f"/cma/items/{id_}").body["data"]["meta"]["status"] == "draft"
    assert editor("GET", path).body == int(id_)


def test_no_workflow(venue: Venue, sdk: Sdk, token: str) -> None:
    """Steps of a workflow that the house lacks say so, and change nothing."""
    id_ = draft(venue)
    for method in ("approveContent", "declineContent", "contentRequestApproval"):
        (seen,) = sdk(token, sdk.item(id_, method))
        assert seen["status"] == 409
        assert "workflow" in seen["body"]["message"]


def test_users_are_not_saved_by_tokens(venue: Venue, sdk: Sdk) -> None:
    """No personal token saves a user, not even an admin's; the same call by the admin does (G9)."""
    secret = create(venue.ann, "ann-cli").body["token"]
    save = ["instanceUserMethods", "saveUser", "new@example.com", [], sdk.guid, "New", "One"]
    (refused,) = sdk(secret, save)
    assert (refused["status"], refused["body"]["code"]) == (403, "PAT_CANNOT_MANAGE_USERS")
    path = f"{API}/instance/{sdk.guid}/user/save?emailAddress=new@example.com&firstName=New"
    saved = venue.ann("POST", path, [{"roleID": venue.role("reader")}])
    assert (saved.status, saved.body["emailAddress"]) == (200, "new@example.com")


def test_a_demoted_owner(venue: Venue, sdk: Sdk) -> None:
    """The token has its owner's rights of this moment, no more and no fewer (G8)."""
    secret = create(venue.ben, "follows").body["token"]
    id_, ben = draft(venue), venue.ben("GET", f"{API}/users/me").body["userID"]

    def assign(role: str) -> None:
        roles = {"roles": {"data": [{"type": "role", "id": venue.role(role)}]}}
        body = {"data": {"type": "user", "relationships": roles}}
        version = venue.ann("GET", f"/cma/users/{ben}").headers["etag"]
        assert venue.ann("PATCH", f"/cma/users/{ben}", body, If_Match=version).status == 200

    publish = sdk.item(id_, "publishContent")
    assign("reader")
    assert sdk(secret, publish)[0]["status"] == 403
    assign("developer")
    assert sdk(secret, publish)[0]["value"] == [int(id_)]


def test_places_and_bad_tokens(venue: Venue, sdk: Sdk, token: str) -> None:
    """Another instance is closed, an unknown item is 404, no bad token passes; all in JSON."""
    bearer = venue.bearing(token)
    base, id_ = f"{API}/instance", draft(venue)
    for path, status in {
        f"{base}/1000000000000009/en/item/{id_}": 403,
        f"{base}/abc123-u/locales": 403,
        f"{base}/{sdk.guid}/xx/item/{id_}": 404,
        f"{base}/{sdk.guid}/en/item/22": 404,
        f"{base}/{sdk.guid}/batch/501": 404,
        f"{API}/nowhere": 404,
    }.items():
        seen = bearer("GET", path)
        assert (seen.status, path) == (status, path)
        assert seen.body["message"]
    assert venue.ben("GET", f"{TOKENS}/999").status == 404
    for bad in ("undefined", "nope", token[:-1], token.swapcase()):
        (seen_by_sdk,) = sdk(bad, sdk.item(id_))
        assert seen_by_sdk["status"] == 401
        assert seen_by_sdk["body"]["message"]
