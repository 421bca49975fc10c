"""DatoCMS's delivery client against our server: published content, and drafts by a header."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from vendors.dato import FLAGS
from vendors.play import play
from vendors.venue import Venue

QUERY = (
    "query($n: IntType) { allArticles(first: $n) { id title _status } _allArticlesMeta { count } }"
)


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("datocms")


@pytest.fixture
def cda(venue: Venue, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return what runs a query by the vendor's client."""

    def run(
        token: str, query: str = QUERY, *, drafts: bool = False, more: Any = None, **given: Any
    ) -> dict[str, Any]:
        options = {"variables": given, "includeDrafts": drafts, **(more or {})}
        case = {"token": token, "steps": [[query, options]]}
        return play("cda.mjs", f"{venue.url}/datocms/cda", [case], tmp_path)[0][0]

    return run


def test_published_and_drafts(venue: Venue, cda: Callable[..., dict[str, Any]]) -> None:
    """The client reads what is published; drafts take the header and the preview flag (D9)."""
    both = venue.api_token("reader", surfaces=["delivery", "preview"])[1]
    plain = venue.api_token("reader", surfaces=["delivery"])[1]
    seen = cda(plain, n=3)["value"]
    assert len(seen["allArticles"]) == 3
    assert {one["_status"] for one in seen["allArticles"]} == {"published"}
    drafts = cda(both, drafts=True, n=50)["value"]
    assert drafts["_allArticlesMeta"]["count"] > seen["_allArticlesMeta"]["count"]
    assert "draft" in {one["_status"] for one in drafts["allArticles"]}
    assert cda(plain, drafts=True, n=1)["status"] == 403


@pytest.mark.parametrize("flags", list(product((True, False), repeat=3)))
def test_each_flag_opens_its_own(venue: Venue, flags: tuple[bool, ...]) -> None:
    """In all eight combinations each flag opens its own APIs, and no other's (D9)."""
    attributes = {"name": "flags", **dict(zip(FLAGS, flags, strict=True))}
    role = {"role": {"data": {"type": "role", "id": venue.role("reader")}}}
    data = {"type": "access_token", "attributes": attributes, "relationships": role}
    made = venue.ann("POST", "/datocms/access_tokens", {"data": data})
    token = venue.bearing(made.body["data"]["attributes"]["token"])
    query = {"query": "{ allArticles(first: 1) { id } }"}
    seen = (
        (token("GET", "/cda/items").status, token("POST", "/datocms/cda", query).status),
        (
            token("GET", "/cda/preview/items").status,
            token("POST", "/datocms/cda", query, X_Include_Drafts="true").status,
        ),
        (token("GET", "/cma/items").status, token("GET", "/datocms/items").status),
    )
    assert seen == tuple((200, 200) if flag else (403, 403) for flag in flags)


def test_all_that_the_client_can_ask_for(venue: Venue, cda: Callable[..., dict[str, Any]]) -> None:
    """Each option of the client is heard, let pass, or refused by name (D13)."""
    token = venue.api_token("reader", surfaces=["delivery", "preview"])[1]
    every = {
        "environment": "main",
        "excludeInvalid": True,
        "returnCacheTags": True,
        "contentLink": "v1",
        "baseEditingUrl": "https://editor.example",
        "referer": "https://www.example.com",
    }
    for drafts in (False, True):
        plain = cda(token, drafts=drafts, n=1)["value"]
        assert cda(token, drafts=drafts, more=every, n=1)["value"] == plain
        assert plain["allArticles"]
    refused = cda(token, more={"environment": "staging"}, n=1)
    assert refused["status"] == 400
    assert refused["body"]["data"][0]["attributes"]["code"] == "INVALID_ENVIRONMENT"
    assert "x-cache-tags" not in cda(token, more=every, n=1)["headers"]  # and so none are promised
    odd = venue.bearing(token, **{"X-Include-Drafts": "yes"})
    seen = odd("POST", "/datocms/cda", {"query": "{ __typename }"})
    assert (seen.status, seen.body["data"][0]["attributes"]["code"]) == (400, "INVALID_REQUEST")


def test_under_a_root(venue: Venue, cda: Callable[..., dict[str, Any]]) -> None:
    """A restricted token counts and lists what stands under its root alone (Q10)."""
    public = venue.api_token("reader", surfaces=["delivery"], roots=[venue.node("/site/public")])
    whole = venue.api_token("reader", surfaces=["delivery"])
    inside, every = (cda(secret, n=1)["value"] for _, secret in (public, whole))
    assert 0 < inside["_allArticlesMeta"]["count"] < every["_allArticlesMeta"]["count"]


def test_what_the_client_makes_of_failures(
    venue: Venue, cda: Callable[..., dict[str, Any]]
) -> None:
    """A bad token is 401 in the vendor's words; a bad query is an error and no answer (D15)."""
    refused = cda("nope", n=1)
    assert refused["status"] == 401
    assert refused["body"]["data"][0]["attributes"]["code"] == "INVALID_AUTHORIZATION_HEADER"
    token = venue.api_token("reader", surfaces=["delivery"])[1]
    wrong = cda(token, "{ allNothing { id } }")
    assert "value" not in wrong
