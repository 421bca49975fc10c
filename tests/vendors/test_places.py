"""One token in several organizations, as each vendor's client names the place (G1, K3, K13)."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from infra.server import COUNTERFOIL
from support.sample import Sample
from vendors.play import Seen, play
from vendors.venue import Patient, Venue

Call: TypeAlias = Callable[["Everywhere", str, "Place", Path], Any]

UNKNOWN: Final = "1000000000000009"
SCHEMA: Final = {
    "schemaId": "https://schema.example/note.json",
    "body": json.dumps({"$id": "https://schema.example/note.json", "type": "object"}),
    "validationLevel": "CONTENT_TYPE",
}


@dataclass(frozen=True)
class Place:
    """An organization, with one entry in it."""

    id: str
    item: str


@dataclass(frozen=True)
class Everywhere:
    """Ben's organizations, one that is not his, and his tokens: of all of them, and of one."""

    venue: Venue
    home: Place
    second: Place
    foreign: str
    token: str
    single: str


def found(sample: Sample, name: str) -> str:
    """Found an organization of which Ann is the admin; return its id."""
    email = sample.told["people"][0]["email"]
    words = ["--data-dir", str(sample.directory), "--name", name, "--admin-email", email, "--json"]
    command = [COUNTERFOIL, "organization", "create", *words, "--preset", "agility"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return str(json.loads(done.stdout)["organization"]["id"])


def join(venue: Venue, organization: str) -> None:
    """Let Ben into an organization as its developer."""
    here = {"Counterfoil_Organization": organization}
    roles = venue.ann("GET", "/cma/roles", **here).body["data"]
    role = next(one["id"] for one in roles if one["attributes"]["name"] == "developer")
    email = venue.sample.told["people"][1]["email"]
    save = f"/agility/api/v1/instance/{organization}/user/save?emailAddress={email}&firstName=Ben"
    assert venue.ann("POST", save, [{"roleID": role}]).status == 200
    users = venue.ann("GET", "/cma/users", **here).body["data"]
    ben = next(one["id"] for one in users if one["attributes"]["email"] == email)
    given = venue.ann("POST", f"/cma/users/{ben}/invitation", **here).body["meta"]["invitation"]
    home = {"Counterfoil_Organization": venue.sample.told["organization"]["id"]}
    yes = {"data": {"type": "invitation", "attributes": {"code": given["code"]}}}
    done = venue.ben("POST", f"/cma/invitations/{organization}/accept", yes, **home)
    assert done.status == 200, done.body


def written(venue: Venue, organization: str) -> Place:
    """Write one published entry, of a schema that is made in the hub that its address names."""
    hub = f"/amplience/v2/content/hubs/{organization}/content-type-schemas"
    made = venue.ann("POST", hub, SCHEMA)
    assert made.status == 201, made.body
    kind = {"item_type": {"data": {"type": "item_type", "id": made.body["id"]}}}
    here = {"Counterfoil_Organization": organization}
    body = {"data": {"type": "item", "attributes": {}, "relationships": kind}}
    id_ = venue.ann("POST", "/datocms/items", body, **here).body["data"]["id"]
    assert venue.ann("PUT", f"/datocms/items/{id_}/publish", **here).status == 200
    return Place(organization, id_)


@pytest.fixture(scope="module")
def ben(venue: Venue, sample: Sample) -> Everywhere:
    venue.under("agility")
    home = str(sample.told["organization"]["id"])
    token = venue.personal(venue.ben, name="laptop")["token"]
    single = venue.personal(venue.ben, name="one", span="one")["token"]
    article = venue.article("/site/public", "published")
    second, foreign = found(sample, "Bolt"), found(sample, "Closed")
    join(venue, second)
    places = Place(home, article), written(venue, second)
    return Everywhere(venue, *places, foreign, token, single)


# -- one call of each client, at a place --------------------------------------------------------


def bearing(all_: Everywhere, token: str) -> Patient:
    """Return one who speaks with a token, and waits where it came too often."""
    return Patient(all_.venue.bearing(token))


def acted(call: Call, all_: Everywhere, token: str, place: Place, home: Path) -> Any:
    """Return what a call is answered; it is made again where its token came too often."""
    while (seen := call(all_, token, place, home)) == 429:
        time.sleep(1)
    return seen


def agility(all_: Everywhere, token: str, place: Place, home: Path) -> Any:
    call = ["contentMethods", "getContentItem", int(place.item), place.id, "en"]
    url = f"{all_.venue.url}/agility"
    return _id(play("agility.mjs", url, [{"token": token, "steps": [call]}], home), "contentID")


def amplience(all_: Everywhere, token: str, place: Place, home: Path) -> Any:
    case = {"who": {"patToken": token}, "hub": place.id, "steps": [["hub"]]}
    return _id(play("amplience.mjs", all_.venue.url, [case], home), "id")


def datocms(all_: Everywhere, token: str, place: Place, home: Path) -> Any:
    here = {"Counterfoil-Organization": place.id}
    case = {"token": token, "headers": here, "steps": [["items", "find", place.item]]}
    return _id(play("datocms.mjs", f"{all_.venue.url}/datocms", [case], home), "id")


def dx(all_: Everywhere, token: str, place: Place, _home: Path) -> Any:
    seen = bearing(all_, token)("GET", "/dx/auth.info", Counterfoil_Organization=place.id)
    return place.id if seen.status == 200 else seen.status


def squiz(all_: Everywhere, token: str, place: Place, _home: Path) -> Any:
    bearer, asked = bearing(all_, token), f"/__api/assets/{place.item}"
    seen = bearer("GET", asked, Counterfoil_Organization=place.id)
    return seen.body["id"] if seen.status == 200 else seen.status


def _id(seen: list[Seen], name: str) -> Any:
    ((one,),) = seen
    return str(one["value"][name]) if "value" in one else one["status"]


CALLS: Final = {
    "agility": agility,
    "amplience": amplience,
    "datocms": datocms,
    "dx": dx,
    "squiz": squiz,
}
_NAMES_THE_PLACE: Final = {"amplience", "dx"}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_place_decides(ben: Everywhere, call: Call, tmp_path: Path) -> None:
    """One token acts in each organization where it speaks; elsewhere is one 403 (G1, K13)."""
    names = call.__name__ in _NAMES_THE_PLACE
    for place in (ben.home, ben.second):
        assert acted(call, ben, ben.token, place, tmp_path) == (place.id if names else place.item)
    for id_ in (ben.foreign, UNKNOWN, "5b32377e4cedfd01c45036d8"):
        assert acted(call, ben, ben.token, Place(id_, ben.home.item), tmp_path) == 403
    known = ben.home.id if names else ben.home.item
    assert acted(call, ben, ben.single, ben.home, tmp_path) == known
    assert acted(call, ben, ben.single, ben.second, tmp_path) == 403


def test_what_one_can_find_out(ben: Everywhere, tmp_path: Path) -> None:
    """A client learns in which places its token speaks, and of no other (G1, S25)."""
    both = sorted([ben.home.id, ben.second.id])
    cases = [
        {"who": {"patToken": token}, "hub": ben.home.id, "steps": [["hubs"]]}
        for token in (ben.token, ben.single)
    ]
    hubs = play("amplience.mjs", ben.venue.url, cases, tmp_path)
    assert [sorted(one["id"] for one in seen[0]["value"]) for seen in hubs] == [both, [ben.home.id]]
    for token, places in ((ben.token, both), (ben.single, [ben.home.id])):
        me = bearing(ben, token)("GET", "/agility/api/v1/users/me").body
        assert sorted(one["guid"] for one in me["websiteAccess"]) == places
        listed = bearing(ben, token)("GET", "/cma/organizations").body["data"]
        assert sorted(one["id"] for one in listed) == places


def test_hubs_by_page(ben: Everywhere) -> None:
    """Hubs come in pages of the size that is asked for, each once, and then none (A14)."""
    bearer = bearing(ben, ben.token)
    seen = [bearer("GET", f"/amplience/v2/content/hubs?size=1&page={n}").body for n in range(3)]
    ids = [[one["id"] for one in page["_embedded"]["hubs"]] for page in seen]
    assert sorted(ids[0] + ids[1]) == sorted([ben.home.id, ben.second.id])
    assert [*map(len, ids)] == [1, 1, 0]
    facts = {"size": 1, "number": 2, "totalElements": 2, "totalPages": 2}
    assert seen[2]["page"] == facts


def test_links_stay_in_their_hub(ben: Everywhere, tmp_path: Path) -> None:
    """The SDK follows the links of a hub to what is in it, and changes it there (A14)."""
    changed = {**SCHEMA, "body": SCHEMA["body"].replace('"object"', '"object", "title": "Note"')}
    case = {"who": {"patToken": ben.token}, "hub": ben.second.id, "steps": [["change", changed]]}
    ((seen,),) = play("amplience.mjs", ben.venue.url, [case], tmp_path)
    assert seen["value"]["version"] == 2
    hub = f"/amplience/v2/content/hubs/{ben.home.id}"
    bearer = bearing(ben, ben.token)
    assert bearer("GET", f"{hub}/content-type-schemas/{seen['value']['id']}").status == 404


def test_the_address_goes_before_the_header(ben: Everywhere) -> None:
    """Where the address names a place, the header does not lead elsewhere (K13)."""
    path = f"/cma/organizations/{ben.second.id}/token_policy"
    bearer = bearing(ben, ben.token)
    seen = bearer("GET", path, Counterfoil_Organization=ben.home.id)
    assert (seen.status, seen.body["data"]["id"]) == (200, ben.second.id)


def test_who_left(ben: Everywhere, tmp_path: Path) -> None:
    """Membership lost in one organization is 403 there, and still 200 in the other (K13)."""
    here = {"Counterfoil_Organization": ben.second.id}
    email = ben.venue.sample.told["people"][1]["email"]
    people = ben.venue.ann("GET", "/cma/users", **here).body["data"]
    id_ = next(one["id"] for one in people if one["attributes"]["email"] == email)
    assert ben.venue.ann("DELETE", f"/cma/users/{id_}", **here).status == 200
    for name, call in CALLS.items():
        assert (name, acted(call, ben, ben.token, ben.second, tmp_path)) == (name, 403)
        assert acted(call, ben, ben.token, ben.home, tmp_path) in {ben.home.id, ben.home.item}
