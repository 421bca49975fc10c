"""A refusal tells whoever holds the token where to ask for what was missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.jsonapi.ask import where_to_ask
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, NotFound
from counterfoil.kernel.ids import OrganizationId, TokenId
from infra.server import Server
from support.browse import At
from support.raw_http import ask
from support.web import only


def test_the_missing_scope_is_ticked(
    browse: Callable[..., At], house: Server, own: Path, tokens: dict[str, str]
) -> None:
    """The 403 of a personal token leads its owner to its restrictions, with the scope ticked."""
    ben = browse("Ben")
    ben.goto("/tokens/new?name=asks&scopes=content:read")
    ben.page.get_by_label("Justification").fill("To see.")
    ben.page.get_by_role("button", name="Create token").click()
    secret = ben.page.locator("#secret").inner_text()
    ann = browse("Ann")
    ann.goto("/approvals")
    ann.page.get_by_role("link", name="asks", exact=True).click()
    ann.page.get_by_role("button", name="Approve").click()
    expect(ann.page.get_by_role("status")).to_contain_text("works from now on")
    headers = (f"Authorization: Bearer {secret}", "Accept: application/problem+json")
    refused = ask(house.port, "DELETE", "/cma/items/1000000000000000", *headers)
    assert (refused.status, refused.json["code"]) == (403, Code.INSUFFICIENT_SCOPE)
    assert refused.json["ask"].endswith("?scope=content%3Adelete")
    ben.goto(refused.json["ask"])
    expect(ben.page.get_by_label("content:delete")).to_be_checked()
    expect(ben.page.get_by_label("content:read")).to_be_checked()
    expect(ben.page.get_by_label("content:publish")).not_to_be_checked()
    only(own, tokens.values())


@pytest.mark.parametrize(
    ("method", "error", "leads"),
    [
        (Method.PERSONAL, Denied(Code.OUTSIDE_ROOT_NODES, meta={"roots": ["1"]}), True),
        (Method.PERSONAL, Denied(Code.API_NOT_ENABLED_FOR_TOKEN, meta={"surface": "cda"}), True),
        (Method.PERSONAL, Denied(Code.OWN_REQUEST), False),
        (Method.PERSONAL, NotFound(), False),
        (Method.SERVICE, Denied(Code.OUTSIDE_ROOT_NODES), False),
        (Method.SESSION, Denied(Code.INSUFFICIENT_SCOPE), False),
    ],
)
def test_nobody_is_led_where_asking_would_not_help(
    method: Method, error: CounterfoilError, *, leads: bool
) -> None:
    """Only a personal token has a page on which its owner asks; other refusals name none."""
    caller = Caller(OrganizationId(1), None, method, Grant(()), TokenId(1_000_000_000_000_000))
    assert bool(where_to_ask(caller, error)) is leads
