"""The history of entries and assets: what they said, and how that comes back."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.content import define_type
from support.content import ARTICLE, GARDENER, READS, Garden, token


def edit(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "item", "attributes": attributes}}


def test_every_version_of_an_entry_is_there(any_garden: Garden) -> None:
    """Each write is a version with its author; the list is newest first and says what is live."""
    garden = any_garden
    post = garden.entry(garden.root, "post", published=True)
    knock, here = garden.knock(), f"/cma/items/{post}"
    for number in range(2, 6):
        assert knock("PATCH", here, edit(rank=number)).status == 200
    seen, url = [], f"{here}/versions?page[size]=2"
    while url:
        page = knock("GET", url)
        assert (page.status, page.json["meta"]["total_count"]) == (200, 5)
        seen += page.json["data"]
        url = page.json["links"]["next"]
    assert [one["meta"]["number"] for one in seen] == [5, 4, 3, 2, 1]
    assert [one["attributes"].get("rank") for one in seen] == [5, 4, 3, 2, None]
    assert [one["meta"]["is_current"] for one in seen] == [True, False, False, False, False]
    assert [one["meta"]["is_published"] for one in seen] == [False, False, False, False, True]
    assert {one["meta"]["created_by"] for one in seen} == {str(GARDENER)}
    (third,) = (one for one in seen if one["meta"]["number"] == 3)
    assert knock("GET", f"{here}/versions/3").json["data"] == third
    assert third["id"] == f"{post}-3"
    assert third["relationships"] == {"item": {"data": {"type": "item", "id": str(post)}}}


def test_an_older_version_comes_back_as_a_new_one(any_garden: Garden) -> None:
    """Restoring writes one more version with the old content and takes nothing away."""
    garden = any_garden
    post = garden.entry(garden.root, "post", published=True, text="first")
    knock, here = garden.knock(), f"/cma/items/{post}"
    knock("PATCH", here, edit(text="second"))
    back = knock("POST", f"{here}/versions/1/restore", headers={"if-match": '"3"'})
    assert (back.status, back.headers["etag"]) == (200, '"4"')
    assert back.json["data"]["attributes"] == {"title": "post", "text": "first"}
    assert back.json["data"]["meta"]["status"] == "updated"
    versions = knock("GET", f"{here}/versions").json["data"]
    assert [one["attributes"]["text"] for one in versions] == ["first", "second", "first"]
    stale = knock("POST", f"{here}/versions/2/restore", headers={"if-match": '"3"'})
    assert (stale.status, stale.code) == (412, "STALE_VERSION")
    again = knock("POST", f"{here}/versions/1/restore")
    assert (again.status, again.headers["etag"]) == (200, '"4"')  # it says so already


def test_what_no_longer_fits_its_type_does_not_come_back(garden: Garden) -> None:
    """An old version is held to the content type as it is now; refused, it changes nothing."""
    post = garden.entry(garden.root, "post", text="long ago")
    knock, here = garden.knock(), f"/cma/items/{post}"
    knock("PUT", here, edit(title="post"))
    narrower = {**ARTICLE, "properties": {"title": {"type": "string"}}}
    with garden.work() as work:
        define_type.edit_content_type(work, garden.article, body=narrower)
    refused = knock("POST", f"{here}/versions/1/restore")
    assert (refused.status, refused.code) == (422, "INVALID_FIELD")
    assert refused.json["errors"][0]["source"]["pointer"] == "/data/attributes"
    assert knock("GET", f"{here}/versions").json["meta"]["total_count"] == 2


@pytest.mark.parametrize("number", ["0", "2", "999999999", "1e3", "-1", "one", "9" * 40, "²"])
def test_a_version_that_is_not_there_is_not_found(garden: Garden, number: str) -> None:
    """No version has this number: 404 for reading it and for bringing it back."""
    post = garden.entry(garden.root, "post")
    knock = garden.knock()
    for method, path in (("GET", ""), ("POST", "/restore")):
        seen = knock(method, f"/cma/items/{post}/versions/{number}{path}")
        assert (seen.status, seen.code) == (404, "NOT_FOUND")


def test_history_stays_inside_the_roots(garden: Garden) -> None:
    """Outside and unknown are one refusal; what moved out takes its history along (S30, S31)."""
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    post, other = garden.entry(inside, "post"), garden.entry(aside, "other")
    knock = garden.knock(token(inside))
    paths = ("versions", "versions/1", "versions/7")
    assert [knock("GET", f"/cma/items/{post}/{path}").status for path in paths] == [200, 200, 404]
    garden.move(post, aside)
    for path in paths:
        answers = [
            knock("GET", f"/cma/items/{id_}/{path}") for id_ in (post, other, 1_000_000_000_000_999)
        ]
        assert {one.status for one in answers} == {403}
        assert len({str(one.json["errors"][0]["meta"]) for one in answers}) == 1
        assert {one.code for one in answers} == {"OUTSIDE_ROOT_NODES"}
    for id_ in (post, 1_000_000_000_000_999):
        seen = knock("POST", f"/cma/items/{id_}/versions/1/restore")
        assert (seen.status, seen.code) == (403, "OUTSIDE_ROOT_NODES")
    assert garden.node(post).draft == 1


def test_history_is_for_those_who_manage(garden: Garden) -> None:
    """Versions open on the management surface to readers, and come back for writers (D9, D10)."""
    post = garden.entry(garden.root, "post", published=True)
    here = f"/cma/items/{post}/versions"
    elsewhere = garden.knock(token(surfaces=surfaces(Surface.DELIVERY, Surface.PREVIEW)))
    assert elsewhere("GET", here).code == "API_NOT_ENABLED_FOR_TOKEN"
    reader = garden.knock(token(may=READS))
    assert reader("GET", here).status == 200
    assert reader("POST", f"{here}/1/restore").code == "INSUFFICIENT_SCOPE"
    writer = garden.knock(token(may=scopes(Scope.CONTENT_WRITE)))
    assert writer("GET", here).code == "INSUFFICIENT_SCOPE"
    assert writer("POST", f"{here}/1/restore").json["data"]["attributes"] == {}


def test_an_asset_has_a_history_too(any_garden: Garden) -> None:
    """The facts of an asset are versions as well, restored by who may write assets."""
    garden = any_garden
    logo = garden.asset(garden.root, "logo.png")
    knock, here = garden.knock(), f"/cma/assets/{logo}/versions"
    change = {"data": {"type": "node", "attributes": {"filename": "new.png"}}}
    assert knock("PATCH", f"/cma/nodes/{logo}", change).status == 200
    listed = knock("GET", here).json["data"]
    assert [one["attributes"]["filename"] for one in listed] == ["new.png", "logo.png"]
    assert listed[0]["type"] == "node_version"
    curator = garden.knock(token(may=scopes(Scope.ASSETS_READ, Scope.ASSETS_WRITE)))
    back = curator("POST", f"{here}/1/restore")
    assert (back.status, back.json["data"]["type"]) == (200, "node")
    assert knock("GET", f"{here}/3").json["data"]["attributes"]["filename"] == "logo.png"
    writer = garden.knock(token(may=READS | scopes(Scope.CONTENT_WRITE)))
    assert writer("POST", f"{here}/1/restore").code == "INSUFFICIENT_SCOPE"
    post = garden.entry(garden.root, "post")
    assert knock("GET", f"/cma/assets/{post}/versions").status == 404
    assert knock("GET", f"/cma/items/{logo}/versions").status == 404
