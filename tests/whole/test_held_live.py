"""Tags at the real server: what a revoked or narrowed token holds is worth nothing."""

from __future__ import annotations

from support.sample import Sample, Talker


def test_a_tag_outlives_no_token(sample: Sample, talk: Talker) -> None:
    """Narrowed, a token gets 403 for what it holds the tag of; revoked, 401, at once (X15, S31)."""
    manager = talk.bearing(sample.token("manager"))
    wanted = {
        "type": "access_token",
        "attributes": {
            "name": "site",
            "can_access_cda": True,
            "can_access_cda_preview": True,
            "can_access_cma": False,
        },
        "relationships": {"role": {"data": {"type": "role", "id": sample.told["roles"]["reader"]}}},
    }
    made = manager("POST", "/access_tokens", {"data": wanted})
    assert made.status == 200, made.body
    id_, secret = made.body["data"]["id"], made.body["data"]["attributes"]["token"]
    site = talk.bearing(secret)
    entry = site("GET", "/cda/items?filter[under]=" + sample.told["nodes"]["/site"]).body["data"][0]
    held = {}
    for address in (f"/cda/items/{entry['id']}", "/cda/items", "/cda/preview/items"):
        held[address] = site("GET", address).headers["etag"]
        assert site("GET", address, If_None_Match=held[address]).status == 304
    narrowed = {"data": {"type": "api_token", "id": id_, "attributes": {"roots": []}}}
    edited = manager("PATCH", f"/cma/api_tokens/{id_}", narrowed)
    assert edited.status == 200, edited.body
    one, *lists = held
    assert site("GET", one, If_None_Match=held[one]).status == 403
    for address in lists:
        seen = site("GET", address, If_None_Match=held[address])
        assert (seen.status, seen.body["data"]) == (200, [])
    assert manager("DELETE", f"/access_tokens/{id_}").status == 200
    assert {site("GET", address, If_None_Match=tag).status for address, tag in held.items()} == {
        401
    }
