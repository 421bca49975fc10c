"""The audit trail of two trees that are alike inside a root is alike to a token of it (S30)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from counterfoil.access.caller import Caller
from counterfoil.dialects.datocms import trail as datocms_trail
from counterfoil.directory.doors import audit_events
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import OPERATIONS
from support.content import ROUTES, token
from support.doors import Probe, Seen
from support.twins import CALLERS, OUTSIDER, UNKNOWN, Twin

_TRAIL = "/cma/audit_events"
_QUERY = "/datocms/audit-log-events/query"
_NO_NODES = {"content_type.create", "upload.request"}
"""What is done on no node: whoever reads a trail is told of it, wherever their roots are."""


def before(twin: Twin, caller: Caller) -> Probe:
    """Put somebody before the doors of content, and before each door of the trail."""
    routes = (*ROUTES, *audit_events.ROUTES, *datocms_trail.ROUTES)
    return Probe(twin.garden.office, caller, routes=routes, operations=OPERATIONS)


def asked_for(twin: Twin) -> Iterator[str]:
    """Every way to ask the trail for what was done on a node."""
    yield ""
    for id_ in twin.named:
        yield f"filter[target]={id_}"
        yield f"filter[target]=nod_{id_}"
        yield f"filter[target]=nod_{id_}&filter[operation]=entry.publish&filter[outcome]=allowed"
    for operation in ("entry.create", "entry.publish", "node.move", "node.trash", "node.lock"):
        yield f"filter[operation]={operation}"


def told(probe: Probe, asked: str) -> list[Any]:
    """Return what somebody is told, page by page, but for positions and the ids of requests."""
    url, found = f"{_TRAIL}?page[size]=3&{asked}", list[Any]()
    while url:
        answer = probe("GET", url)
        if answer.status != 200:
            request = answer.headers["x-request-id"].encode()
            return [answer.status, answer.raw.replace(request, b"-")]
        found += (plain(entry) for entry in answer.json["data"])
        url = answer.json["links"].get("next") or ""
    return [entry for entry in found if entry["attributes"]["operation"] not in _NO_NODES]


def plain(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without what counts or names a request."""
    facts = {name: said for name, said in entry["attributes"].items() if name != "request_id"}
    return {**entry, "id": "", "attributes": facts}


@pytest.mark.parametrize("who", CALLERS)
def test_twins_trails_are_alike(twins: tuple[Twin, Twin], who: str) -> None:
    """In no list, by no filter, on no page does the trail tell what was done outside (S30)."""
    poor, rich = (before(twin, CALLERS[who](twin)) for twin in twins)
    for asked in asked_for(twins[0]):
        assert told(poor, asked) == told(rich, asked), asked


def test_without_a_restriction_the_trails_differ(twins: tuple[Twin, Twin]) -> None:
    """The same requests show the difference to who is bounded by nothing: the oracle is awake."""
    poor, rich = (before(twin, token()) for twin in twins)
    differ = {asked for asked in asked_for(twins[0]) if told(poor, asked) != told(rich, asked)}
    assert {"", "filter[operation]=node.move", f"filter[target]={OUTSIDER}"} <= differ


def test_what_stands_inside_is_told(twins: tuple[Twin, Twin]) -> None:
    """Under a restriction the trail still tells who did what to the nodes inside it (X2)."""
    twin = twins[1]
    probe = before(twin, token(twin.inside))
    inside = told(probe, f"filter[target]={twin.public}")
    assert {entry["attributes"]["operation"] for entry in inside} == {
        "entry.create",
        "entry.publish",
        "node.lock",
    }


@pytest.mark.parametrize("spelled", ["{}", "nod_{}"])
def test_a_filter_that_names_what_is_outside_is_refused(
    twins: tuple[Twin, Twin], spelled: str
) -> None:
    """Whether it is there, was there or never was, the refusal is the one of reading it (Q12)."""
    twin = twins[1]
    ids = (OUTSIDER, UNKNOWN, twin.top, twin.beyond, twin.trashed, twin.garden.root)
    role = before(twin, CALLERS["role of the root"](twin))
    for id_ in ids:
        probe = before(twin, token(twin.inside))
        asked = probe("GET", f"{_TRAIL}?filter[target]={spelled.format(id_)}")
        assert (asked.status, asked.code) == (403, "OUTSIDE_ROOT_NODES")
        assert asked.json["errors"][0] == {
            **probe("GET", f"/cma/nodes/{id_}").json["errors"][0],
            "id": asked.headers["x-request-id"],
        }
        assert role("GET", f"{_TRAIL}?filter[target]={spelled.format(id_)}").status == 404


def test_what_stands_in_no_tree_is_found(twins: tuple[Twin, Twin]) -> None:
    """Roots hide no content type from the trail, be its id spelled with its kind or not."""
    twin = twins[1]
    probe = before(twin, token(twin.inside))
    for spelled in (f"{twin.garden.article}", f"ctp_{twin.garden.article}"):
        found = probe("GET", f"{_TRAIL}?filter[target]={spelled}").json["data"]
        assert [one["attributes"]["operation"] for one in found] == ["content_type.create"]


def test_what_one_did_oneself_is_told(twins: tuple[Twin, Twin]) -> None:
    """A token finds its own refusals, which are alike for what is outside and what never was."""
    twin = twins[1]
    probe = before(twin, token(twin.inside))
    for id_ in (OUTSIDER, UNKNOWN):
        assert probe("GET", f"/cma/nodes/{id_}").status == 403
    mine = told(probe, "filter[outcome]=OUTSIDE_ROOT_NODES")
    assert [one["attributes"]["target"] for one in mine] == [f"nod_{UNKNOWN}", f"nod_{OUTSIDER}"]


def test_datocms_trail_is_bounded_too(twins: tuple[Twin, Twin]) -> None:
    """DatoCMS's query of the trail names no node that its token may not see (S30)."""
    body = {"data": {"type": "audit_log_query", "attributes": {}}}
    for restricted in (True, False):
        twin = twins[1]
        caller = token(twin.inside) if restricted else token()
        answer = pages(partial(before(twin, caller), "POST", _QUERY), body)
        assert (str(OUTSIDER).encode() in answer) is not restricted
        assert str(twin.public).encode() in answer


def pages(ask: Any, body: dict[str, Any]) -> bytes:
    """Return all pages of a query."""
    whole, more = b"", True
    while more:
        answer: Seen = ask(body)
        assert answer.status == 200
        whole += answer.raw
        more = answer.json["meta"]["next_token"]
        body["data"]["attributes"] = {"next_token": more}
    return whole


def test_who_is_bounded_by_nothing_asks_the_tree_nothing(
    monkeypatch: pytest.MonkeyPatch, twins: tuple[Twin, Twin]
) -> None:
    """The trail of an unrestricted reader takes no work for the roots of others."""

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("counterfoil.content.names_seen", never)
    monkeypatch.setattr("counterfoil.content.seen_among", never)
    probe = before(twins[1], token())
    assert probe("GET", f"{_TRAIL}?filter[target]={NodeId(OUTSIDER)}").status == 200
